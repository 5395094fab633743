"""Their side: scripts/reference/benchmark_hf, a process for each measurement."""
import json
import tempfile

from llmtool import TrainingRun
from programs import REPOSITORY, run

BENCHMARK = REPOSITORY / "scripts/reference/benchmark_hf"


class HuggingFace:
    def __init__(self, python):
        self._python = python

    def versions(self):
        program = ("import torch, transformers, tokenizers; print(f'torch {torch.__version__}, transformers "
                   "{transformers.__version__}, tokenizers {tokenizers.__version__}')")
        return run([self._python, "-c", program]).output.strip()

    def work(self, name, **request):
        return json.loads(self._run(name, request).output.splitlines()[-1])

    def train(self, name, **request):
        """name: finetune or pretrain."""
        with tempfile.TemporaryDirectory() as output:
            finished = self._run(name, {**request, "output": output})
        result = json.loads(finished.output.splitlines()[-1])
        return TrainingRun(result.get("tokens_per_second"), result["ready_seconds"],
                           result["first_step_seconds"], finished.peak_memory_bytes, result)

    def _run(self, name, request):
        return run([self._python, BENCHMARK, name, json.dumps(request)])
