# ruff: noqa: F401 -- the notebooks use what is imported here, cnnkit first of all
# The set-up cell of every notebook. A notebook's source lists what it imports besides below `# {{setup}}`, and
# `autograder release` puts those lines among the imports here; other lines take the place of `# {{notebook}}`.

# %%
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # fewer of TensorFlow's remarks about this machine
if sys.version_info < (3, 11):
    raise RuntimeError(
        f"This notebook needs Python 3.11 or newer, found {sys.version.split()[0]}. "
        "Choose another kernel, or make the course's environment from environment.yml."
    )

try:
    import cnnkit
except ImportError:  # on Colab, or in an environment of your own
    # %pip install --quiet "cnnkit @ git+{{repository}}@{{branch}}#subdirectory=cnnkit"
    import cnnkit

import keras
import tensorflow as tf

if tuple(int(part) for part in keras.__version__.split(".")[:2]) < (3, 8):
    raise RuntimeError(
        f"This notebook needs Keras 3.8 or newer, found {keras.__version__}. "
        'Run  %pip install --upgrade "keras>=3.8"  in a new cell, '
        "then restart the kernel and begin again at the top."
    )
# {{notebook}}
print(f"Ready: Python {sys.version.split()[0]}, Keras {keras.__version__}, TensorFlow {tf.__version__}.")
