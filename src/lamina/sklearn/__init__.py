"""scikit-learn estimators that learn as Lamina does: classifier, regressor, transformer."""

from lamina.sklearn.classifier import LaminaClassifier
from lamina.sklearn.regressor import LaminaRegressor
from lamina.sklearn.transformer import LaminaTransformer

__all__ = ["LaminaClassifier", "LaminaRegressor", "LaminaTransformer"]
