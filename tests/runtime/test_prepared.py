from lamina.runtime.prepared import Prepared


def test_rows_of_a_table_have_no_origins():
    assert Prepared({}, (0, 2), {1: "no picture"}).origins == ()
