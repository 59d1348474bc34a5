"""Why a function of tensors answers as it does: attributions, their checks, layers, neighbours."""
