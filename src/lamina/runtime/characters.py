"""What kind every character is: as much of Unicode as the tokeniser asks about.

Python's own tables know neither scripts nor pictures, and change with its version; a network was
trained with the tables that polars had. So they stand here, packed: the lengths of runs of
characters of one kind, and the kinds. `tests/runtime/make_characters.py` makes them.

Source: Unicode Character Database (https://www.unicode.org/ucd), as in polars 2.1.
"""

import base64
import zlib
from functools import cache

import numpy as np

KINDS = (
    ("", "o"),
    ("L", "l"),
    ("M", "m"),
    ("N", "n"),
    ("C", "c"),
    ("Z", "z"),
    ("CZ", "y"),
    ("S", "s"),
    ("LS", "t"),
    ("MS", "u"),
    ("NS", "v"),
    ("P", "p"),
    ("LP", "q"),
    ("CP", "r"),
    ("A", "a"),
    ("CJ", "j"),
    ("K", "k"),
)
"""Properties of a kind and the letter that stands for it. L letter, M mark, N number, C control or
unassigned, Z white space, S of a script without spaces, P picture, A apostrophe, J joiner,
K skin tone."""

LATE_CAPITALS = {
    0x1C89: 0x1C8A,
    0xA7CB: 0x0264,
    **{point: point + 1 for point in (0xA7CC, 0xA7CE, 0xA7D2, 0xA7D4, 0xA7DA)},
    0xA7DC: 0x019B,
    **{point: point + 32 for point in range(0x10D50, 0x10D66)},
    **{point: point + 27 for point in range(0x16EA0, 0x16EB9)},
}
"""Small letters of the capitals that polars knows and the oldest Python (Unicode 14) does not."""


def lower(text: str) -> str:
    """Return a text in small letters, as polars writes it.

    Args:
        text: Any text.
    """
    return text.lower() if text.isascii() else text.translate(LATE_CAPITALS).lower()


@cache
def letters() -> np.ndarray:
    """Return the letter of every character's kind, uint8 [0x110000]."""
    data = zlib.decompress(base64.b85decode("".join(_PACKED.split())))
    count = len(data) // 5
    lengths = np.frombuffer(data, dtype="<u4", count=count)
    codes = np.array([ord(letter) for _, letter in KINDS], dtype=np.uint8)
    return np.repeat(codes[np.frombuffer(data, dtype=np.uint8, offset=4 * count)], lengths)


def kinds_of(text: str) -> str:
    """Return a text of the same length with the letter of each character's kind.

    Args:
        text: Any text.
    """
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    return letters()[points].tobytes().decode("ascii")


_PACKED = """
c-
o~}ON?Dd5xxDnpLgH9H#2X3_KfFw>`cb7$MK9~$Dd#<^K%r%2#Zfh5P~2A2oi+|EEcfKh6S)<7bF%4MTiv(gp^%`fCU?}!8=
fdgxIn|NJtS~-Bs_Nsq~$(L9IKtZ-1(*t4@8o-wcYPD8n-ej|or3?<PELc<S)1b345~j9G`Vh93)cm-
#lC?=^m(<o6#<T4ydiW9F|`a~H$&8u!V%mid!0{)qLL`TZ$=|A61L)|*`40UEULv#^%XdtA}A8Cj5wHkc>jYmsF<R6Op6XNC
K44_}6HD31zw!hN?&2V=$4lzF1I7l4m3&pj2Mfs!lkZ57%FO2#FRndk5089WSm+%eck!?eypJMnP^Xiq=}E$qGJ_5~Q*K)>*
;<>xY3sntBEu#V%M;z8<_qG=SZ3h3l`vza&2E7g1lv}<JxC@Zvs7QVF(`}ip{*v5IN=XoVZ;h|Rk=0Ww<$3sqEbw;-
?gBRhWRl2H_OnnB!s8iH|WB=uuS53#N{gcg&c>g6oO^=^k$n4!H`gLZ{M#;#6kI&hJIfRGy5IywqQuXlBD&30QG#<~wnA|!>
>B#^FWUZwh+)cQCOxc0~yy9Aw!axHUvT85;ijD`~8jvUTKbpap#JFRs9pyHFda1_MY7JU{3-
l?vSyuB*CYB1n+uXLS)*V7W;z#5);yv!d+?M+*h>zNrpe>JBt|$lLZzm%+%j;47<L2Og>Yja`Ro|zI2b(AH?z(FK2>6Eq@7=
L2%l@Cs*vTul%M~Q&5<1U<Uul@93E0jO$Zx=XmSs0m_?Py}jE$UKS>RRP!%RG>IG?D&Kb%&2xy@rwDx05!H65%uRTw+Z<JJ`
)mib?Uwdr{h>}3<=tM^l@oQn9n$h7uY4~>$?BFlG<d6=?%rT;wp_l9}i2K|>1gB{nmd9LI~yP)%iACdVA$g9fa7&QOw@Z6$U
Y7XLSN8znG#Qr5e7g^@wh4#4~=*yUqij_vis-cPz1C_g$fERqPKx{<3Rxqc9y6|y|ZT1x8Dn{kIt=ea)?BXz=sr|Hv_>MF#!
Tv1x!3y~Lrs?dI=6sRgw;{(Kg8$s({AtMYxdHz14EOy~?NQ|YR0dbF?zedScL1j*lRFue>tYO=S25pbWalzxg)!Tg0beTk!1
q0t)t^inx5R5*QtM5@XVCZ8!}E8DMGo|WnCOc$*OXn1A<hmmxz@wJw^*-KzrcP~&fzbxj_z~YLXT{ZGcT3O;atx-_PL(3(C0
FCA#wH#3iB=Vz5_a20RJyOzJYVY7PpTSUu)dI0J3;KJij1ccRcyJ;*&-
3BcJ%X%4=R=en#eC?6vHV_cAssKJPY+m2>JEoR7bz;=Ik|hby2H9beZJ#vEX<;<)VLeDnmz^G3zx37lKB9%;-
8n6t*R9YS0bzr6=%l3bpJJ{A4yS)MoOIn!Ydx|YfF_A~cKHgnF9eAua2X;t1(sTf!F*x{~<GsNGwRjfyvKi^HZw#H*ANAMwt
yvly(8;tduZL(B(c?)sKWO8<W_J4)*48qULCh7SW_g_)|L2@X}Evfzpk68ljd06}V{5{`u_csK-ALp3qdSr}eVU+a<WI3nq5
tr1SCGL&c&wUTh(w=#c7;v5CgZ^m*^*y+!dmXTT5n|B>oQ*u>>3EJQS+AncDd=n)Y*fb5J=RYZcD5l8r1xVy=Q7yh5M+?M|2
VAQF)fnsRg?Cy%Ii05H{$!xLEQgX=FaMTCa1J;4`9F-
%DLzy+~e&ly^7pcm7iJ%9NywMig#Ob=W!u(ZYcrF*tZFM<2_{!Z#)YKCbmF_Csf`hbFTolS0R61g1eguocHIrem6YNa7?<y7
`?=OmBJ97O-?|Jm3Se3^&N<#=X&l8<xcb})87PJZXi$epq~lIb%*0u%{H+HKK@C@q3m^<xvw06%?>kp--
z>)8usm29%B`MaDNT>HC)Rv_QtS>zMLL0v&{TWAXl1GXDfQ&?70I#n`|NX-GeyLLTrE7J5QtTz;s@w?-fgR4z2-
5LnQ~ad(3YKJ!AX>#4g#}CgWrR7;7^zUCz(@tP6e5-
12WTd$9ij#9_H>*yniQz+Z~oM{K9ND!;*dfMvG14LGmh{RFN37W+rh_e<=%mUvu~kp;@<n8KCK<mz~5)N&pwbkBec>dYBz19
12ljKLVyfP5~f-
%d)F&of|`zk$23G000W@@R&(=z0?{I#pO7!#XIVokQ~3I)jZWW2;*k+bPxWB3De(8{Y3B_5>%Vl?{!+hCT!Kzry>Kd2fUXU!
^lVtWPrkU3l&U0$-A|31QcF=Y$IKv7gMRc~6IdZ>=X8PPp$6Vc>P!#b2GTe?r}NO*47?KEyZt4Y5`7Ug3EpuV0xi4~u-
T4TwE{h3_d5*H<A{j3AFS>bx(x-
@n(Ae((EqzMysfar)prI_mZj)7j)^<~LBm{}1VR=CIk9L6;74gEo_gzZeMr6Xf{o(0B*VmJ%25@qNp`c<dSOzX3UH1^0P^xh
eDaL6-A}0sG%&zcdH$&+>Z5Ie!-nKAnldHsfdJdVVYTP|v-
84S7*t48WZK(|jH}4)GL!>;GTB@f=JQ$!nefUdO=mJn%^MyFSqrfAMGFc~SXPt77R*@PV(vIiv=^(JIW}GF@J@2=~``c7Des
xk~$euv4A?ylW2nbA4{2_wOM-
)_gYqsEPyVBNoFZK9ISexC3V=qWxP~b0d=%*vvWCA96={*j=hSg8osDo~M0=@8O{ZU6m>(O8aH;QKr-
9OKel~>Yj5R;$sWGMsR(D<uM0-4|7$?N3X$o*{b-noVhpmpnsuD>%0-
3{|KH9$4`@D!1FwBQQg_!gR@l0zNQ4eG5?kCYbrL&S$7I|0D`}p{Jp2|NKE&?Ko<BB+qnidE_XqA&+}uZ^LgOoJ(tG5`)0}y
o?1xle`Ol4ucq}bZYH{~hQ^--g46K+TUhkjrL^{oVcy-pv@s?uyk`qv`7%s&VL_8VhT%Po4bE_TS8Vv>=_z8x$B)p;6<>H;a
EVPm)WTRB=+IOfzD?*eE{+aumi~Abd&696iLKO0f8t`)V5N(Avfe<6-Qll~&DJyD)*l>3{Zi=55iy@7#dIPQ`2n*b#(8V}`-
=>UWNdbNB;ezIivATM4{0>-
lh|@;@dMn+yueZ6n?W=1MKh?|+BaPZt*JKfZTK6c6xL^rMH)p~CF+faw{@H|EA613Dc&Dm0%?K(RS7O7)dQ$}RC<(c;yN(dg
jE7VttYKH-fXw4z>5>AL1HywBMHONw<&xAh)<g_1h6!OSa8g0k#@(VvsyES06g-XW|e;42OBBLI6^4{z@p-
*n^p$<7<TnJt~eSPCt?W`T|s6xe29`8O|l`&ihJ+2kprcr9o4Y}U(lGgXl=0ewlRTB6S|vFOp_GmqB%FjW-
5t+I+QSsHXgSZ)mcQtb+%wp$ckdI$&`u+?Skwja_k89Bt0JuF&I)ocxw_ql5G$!8Z)!~s2Z#6KY5ZOno2ALZ(biUT8LgF>U{
)w(QVd*T{YeCt{2;)xw_O>Fn$SP1TvQp9r5ELP-pXwvJ_atMH5MLiDnTQj#Vdqj?KbRPxL_1wI)28h|a_-
8%z|Xi~8qgTd=E%>Wh9ZDu7ktqNrmvZqh}~MIY{?ucCf3wB*K<y++4@!j6up$Gci@zzrr($Aw5ov!V)#+KMKVD=d=xh>jq3g
i6bf)^r;|vL@|{zfHjai=c@wQ!p-
IP;@Nls+p9?m386blI&8*<wb!NUKmUsa3&k;#EF@iCTtQS(~TZW<`C7ovB6t+(8dD5A!WHJIO_$V<V~Y*kKNH%0xXXxMW*;!
uqbAt!KfOaxU=Nn6Gmy%*0=-q<T&zs_AvC<oBz9n+-1}icfePUiaI>$V^pLe3#o?+y`(xTsbe;#D^c2`_bDW}QU6~V^{tE
"""
