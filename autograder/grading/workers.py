"""Worker processes of the grader's own: forked from a clean helper process, without student code or TensorFlow.

A task over which its process dies fails alone. The pool of the standard library gives up all its tasks then, because it
cannot tell which of them it was; here those that may have been are run again one by one, and the rest goes on.
"""

from __future__ import annotations

import gc
import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

from cnnkit.errors import KitError

Key = TypeVar("Key")
Result = TypeVar("Result")


class WorkerDied(KitError):
    """The process that ran a task has ended before the task had."""


def worker_pool(jobs: int, modules: Sequence[str], begin: Callable[..., None], *arguments: Any) -> ProcessPoolExecutor:
    """A pool of `jobs` processes, which have `modules` imported and have called `begin(*arguments)`."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(modules))
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=begin, initargs=arguments)


def release_memory() -> None:
    """Return the memory of one task to the machine: what only cycles of objects hold, such as tracebacks, first."""
    from cnnkit.data import malloc

    gc.collect()
    malloc.trim_heap()


class TaskRunner(Generic[Key, Result]):
    """Runs one function for many tasks in worker processes.

    Args:
        jobs: number of processes.
        make_pool: makes a pool of so many, as `worker_pool` does.
        function: what to run; `function(*calls[key])` for each key.
        calls: arguments by task.

    Attributes:
        running: tasks whose results have not been handed out, by their futures. Whoever stops half way finds here what
            has been finished meanwhile.
    """

    def __init__(
        self,
        jobs: int,
        make_pool: Callable[[int], ProcessPoolExecutor],
        function: Callable[..., Result],
        calls: Mapping[Key, Sequence[Any]],
    ) -> None:
        self._jobs, self._make_pool, self._function = jobs, make_pool, function
        self._waiting = dict(calls)
        self._finished: SimpleQueue[Future[Result]] = SimpleQueue()
        self._pool: ProcessPoolExecutor | None = None
        self.running: dict[Future[Result], Key] = {}

    def start(self) -> None:
        """Start all tasks."""
        self._submit(list(self._waiting), min(self._jobs, len(self._waiting)))

    def results(self) -> Iterator[dict[Key, Future[Result]]]:
        """Futures that have finished, by task, as they are ready; those that can come together.

        A future holds the result, or the exception that the task raised, or `WorkerDied` if its process died over it.
        """
        suspects: list[Key] = []
        alone = False
        while True:
            batch, died = list(self.running.values()), False
            while self.running:
                done, broken = self._ready()
                died = died or broken
                if done:
                    yield done
            self.close()
            left = [key for key in batch if key in self._waiting]
            if died and alone:
                del self._waiting[left[0]]
                yield {left[0]: _died()}
            elif died:  # a pool hands tasks out in order, one more than it has processes
                suspects = left[: self._jobs + 1]
            if not self._waiting:
                return
            alone = bool(suspects)
            self._submit(suspects[:1] or list(self._waiting), 1 if alone else self._jobs)
            suspects = suspects[1:]

    def close(self) -> None:
        """End the processes; tasks that have not begun are cancelled, those that have are waited for."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def _submit(self, keys: Sequence[Key], jobs: int) -> None:
        self._pool = self._make_pool(jobs)
        for key in keys:
            future = _submitted(self._pool, self._function, self._waiting[key])
            self.running[future] = key
            future.add_done_callback(self._finished.put)

    def _ready(self) -> tuple[dict[Key, Future[Result]], bool]:
        """Wait for tasks to finish; those that have, and True if a process died over one of the others."""
        ready = [self._finished.get()]
        while not self._finished.empty():
            ready.append(self._finished.get())
        done, died = {}, False
        for future in ready:
            key = self.running.pop(future)
            if isinstance(future.exception(), BrokenProcessPool):
                died = True
            else:
                done[key] = future
                del self._waiting[key]
        return done, died


def _submitted(pool: ProcessPoolExecutor, function: Callable[..., Result], arguments: Sequence[Any]) -> Future[Result]:
    """The future of a task; a failed one if the pool is broken already."""
    try:
        return pool.submit(function, *arguments)
    except BrokenProcessPool as error:
        future: Future[Result] = Future()
        future.set_exception(error)
        return future


def _died() -> Future[Any]:
    future: Future[Any] = Future()
    future.set_exception(WorkerDied("the process that graded it ended, as if it had taken too much memory"))
    return future
