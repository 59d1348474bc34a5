"""Networks: encoders, trunks and heads, each an `nn.Module` with a frozen config beside it."""
