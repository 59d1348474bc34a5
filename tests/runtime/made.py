"""A small exported model, made by hand: no network was trained for it."""

import dataclasses

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from lamina.runtime.answers.classes import Classes
from lamina.runtime.artefact import sealed
from lamina.runtime.signature import Field, Signature

NUMBER = {"center": 10.0, "scale": 2.0, "low": 0.0, "transform": "none", "decimal": "."}


def document() -> dict:
    """Two inputs, a number and a category; the answer is yes where the number is high."""
    form = {"name": "classes", "target": "y", "cells": ["no", "yes"], "labels": ["no", "yes"]}
    signature = Signature(
        name="made",
        task="classification",
        fields=(
            Field(name="x", modality="number", low=0.0, high=20.0, typical=10.0),
            Field(name="c", modality="category", levels=("a", "b"), shares=(0.5, 0.5)),
        ),
        answers=Classes("y", ("no", "yes"), ("no", "yes")).answers,
    )
    return {
        "signature": signature.to_document(),
        "columns": [
            {"name": "x", "modality": "number", "state": NUMBER},
            {"name": "c", "modality": "category", "state": {"levels": ["a", "b"]}},
        ],
        "inputs": [
            {"name": "number", "kind": "number", "columns": ["x"]},
            {"name": "category", "kind": "category", "columns": ["c"]},
        ],
        "form": form,
    }


def text_document() -> dict:
    """One text; the answer is yes or no."""
    found = document()
    fields = (Field(name="t", modality="text"),)
    signature = Signature.from_document(found["signature"])
    return found | {
        "signature": dataclasses.replace(signature, fields=fields).to_document(),
        "columns": [
            {"name": "t", "modality": "text", "state": {"words": ["a", "b"], "max_length": 50}}
        ],
        "inputs": [{"name": "text", "kind": "text", "columns": ["t"]}],
    }


def graph() -> bytes:
    """Softmax of (0, x): categories are not looked at."""
    x = helper.make_tensor_value_info("number", TensorProto.FLOAT, [None, 1])
    y = helper.make_tensor_value_info("values", TensorProto.DOUBLE, [None, 2])
    weight = numpy_helper.from_array(np.array([[0.0, 1.0]], dtype=np.float32), "w")
    nodes = [
        helper.make_node("MatMul", ["number", "w"], ["product"]),
        helper.make_node("Softmax", ["product"], ["soft"], axis=1),
        helper.make_node("Cast", ["soft"], ["values"], to=TensorProto.DOUBLE),
    ]
    model = helper.make_model(
        helper.make_graph(nodes, "made", [x], [y], [weight]),
        opset_imports=[helper.make_opsetid("", 18)],
        ir_version=10,
    )
    return model.SerializeToString()


def artefact() -> bytes:
    """Return the file."""
    return sealed(graph(), document=document(), check={})
