"""Files of the safetensors format, which Hugging Face's trainer writes: a header in JSON, then the numbers."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

LENGTH = 8  # bytes that say how long the header is
TYPES = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16,
         "I64": torch.int64, "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8,
         "BOOL": torch.bool}


def tensors_of(content: bytes) -> dict[str, Tensor]:
    """The tensors of a file by name, copied. Raises `ValueError` for what is none.

    The header maps names to ``dtype``, ``shape`` and ``data_offsets``, from where the header ends to where numbers do
    (https://github.com/huggingface/safetensors, *Format*); what it has under ``__metadata__`` are words.
    """
    end = LENGTH + int.from_bytes(content[:LENGTH], "little")
    header = json.loads(content[LENGTH:end])
    if not isinstance(header, Mapping):
        raise ValueError("the header is no dictionary")
    return {str(name): _tensor(entry, content, end) for name, entry in header.items() if name != "__metadata__"}


def _tensor(entry: Any, content: bytes, start: int) -> Tensor:
    try:
        dtype, shape, (first, last) = TYPES[entry["dtype"]], [int(x) for x in entry["shape"]], entry["data_offsets"]
        wanted = math.prod(shape) * dtype.itemsize
        if not 0 <= first <= last <= len(content) - start or last - first != wanted or min(shape, default=0) < 0:
            raise ValueError("numbers are not where the header says")
    except (KeyError, TypeError) as error:
        raise ValueError(f"the header has no {error}") from None
    if not wanted:
        return torch.zeros(shape, dtype=dtype)
    return torch.frombuffer(bytearray(content[start + first : start + last]), dtype=dtype).reshape(shape)
