"""Jobs on a Dask cluster that is there already: give the address of its scheduler, and nothing else changes.

    with DaskRunner("tcp://host:8786") as runner:
        ds = gnviz.sweep(experiment, over, runner=runner)

Each job is a task of the worker that has least to do. It is bound to it: else Dask would begin the task of
one that dies somewhere else, and half of its snapshots would come twice; such a job is lost instead. Three
threads serve a runner, so that no call ever waits for the network: one begins jobs, one reads what they
report, and the client's own hears of workers that come and go. One more for each job turns its controls,
since a worker that dies may keep it waiting. While the cluster has no worker, jobs wait.
"""

from __future__ import annotations

import contextlib
import io
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from distributed import Client, Queue

from gnviz.jobs.base import JobStatus
from gnviz.jobs.local import ENGINE
from gnviz.jobs.on_dask import Began, compute, end_process, engine, turn
from gnviz.jobs.submitted import PATIENCE, SubmittedJob
from gnviz.jobs.waiting import Waiting
from gnviz.jobs.wire import Control, Ended, Order, Sent, Start, pack, receive
from gnviz.knobs import KnobError

if TYPE_CHECKING:
    from gnviz.experiment import Experiment
    from gnviz.problem.user.make import UserProblem

ANSWER = 5.0
"""Seconds in which a scheduler answers."""

LEFT = "The worker at {} left the cluster before the run ended; another one takes the next run."
"""Why a job is lost."""

TOPIC = "all"
"""Where a scheduler says which workers come and go."""


class DaskRunner(Waiting):
    """Runs jobs on a Dask cluster; see `gnviz.jobs.base.Runner`.

    It connects when it is first needed: until then, and where the scheduler cannot be reached, jobs wait, and
    are lost with a sentence that says so.

    Args:
        cluster: Address of the scheduler, such as "tcp://host:8786", or a client of it.
        simulate: The engine as `module:function`, imported by the workers only.

    Raises:
        KnobError: The address is none.
    """

    def __init__(self, cluster: str | Client, simulate: str = ENGINE) -> None:
        super().__init__()
        self.address, self._security = _place(cluster)
        self._simulate = simulate
        self._tasks: dict[str, _Task] = {}
        self._threads: dict[str, int] = {}
        self._client: Any = None  # of Dask's, whose types say that every call may be a coroutine
        self._queue: Any = None
        self._closed = False
        self._todo: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self._hand = threading.Thread(target=self._work, name="gnviz-dask", daemon=True)
        self._hand.start()

    @property
    def places(self) -> int:
        """How many jobs run at a time: threads of all workers; 1 while there is none, since some may come."""
        return max(self._room, 1)

    @property
    def _room(self) -> int:
        return sum(self._threads.values())

    def connect(self) -> None:
        """Wait until the scheduler has answered.

        Raises:
            ConnectionError: It does not.
        """
        answers: SimpleQueue[str] = SimpleQueue()
        self._todo.put(lambda: answers.put(self._connect()))
        if why := answers.get():
            raise ConnectionError(why)

    def submit(
        self,
        experiment: Experiment,
        problem: UserProblem | None = None,
        digest: str = "",
        *,
        paused: bool = False,
    ) -> SubmittedJob:
        """Run an experiment, on a problem of the user's own if there is one; returns at once."""
        job = SubmittedJob(experiment, self._lock, self._give_up, problem, digest, paused=paused)
        with self._lock:
            if self._closed:
                raise RuntimeError("the runner is closed: it takes no more experiments")
            self._waiting.append(job)
        self._todo.put(self._serve_or_lose)
        return job

    def warm(self, n: int = 1) -> None:
        """Connect, and have some workers load the engine; returns at once."""
        self._todo.put(lambda: self._warm(n))

    def close(self) -> None:
        """Cancel every job, wait until the cluster's workers are free of them, and leave it."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            for task in self._tasks.values():
                task.send(Control(task.job.id, "cancel"))
            for job in [*self._waiting, *(task.job for task in self._tasks.values())]:
                job.finish(JobStatus.CANCELLED)
            self._waiting.clear()
        self._todo.put(self._leave)
        self._todo.put(None)
        self._hand.join(4 * ANSWER)

    def begin(self, task: _Task, start: Start) -> None:
        """Have a job begun; returns at once."""
        self._todo.put(lambda: self._begin(task, start))

    def turn(self, worker: str, order: Control) -> None:
        """Apply a control where a job runs; waits for it."""
        client = self._client
        with contextlib.suppress(Exception):  # it has left, or the scheduler has: both are heard of
            client.run(turn, order.job, order.action, order.value, workers=[worker], on_error="ignore")

    def _work(self) -> None:
        """Do what there is to do, until the end."""
        while (act := self._todo.get()) is not None:
            try:
                act()
            except Exception as error:  # whatever the network and the library raise
                self._lose_all(f"The Dask scheduler at {self.address} failed: {_words(error)}.")

    def _connect(self) -> str:
        """Connect if need be; return why it cannot be, or nothing."""
        if self._client:
            return ""
        try:
            client = Client(self.address, timeout=ANSWER, set_as_default=False, security=self._security)
        except (OSError, TimeoutError, ValueError, ImportError) as error:
            return f"no Dask scheduler answers at {self.address} ({_words(error)})"
        name = f"gnviz-{uuid.uuid4().hex}"
        self._client, self._queue = client, Queue(name, client=client)
        client.subscribe_topic(TOPIC, self._told)
        reading = threading.Thread(
            target=self._read, args=(self._queue,), name="gnviz-dask-read", daemon=True
        )
        reading.start()
        self._count()
        return ""

    def _told(self, event: tuple[float, Any]) -> None:
        """Hear what the scheduler says; on the client's own thread, which must not wait."""
        said = event[1] if isinstance(event[1], dict) else {}
        if said.get("action") == "add-worker":
            self._todo.put(self._count)
        elif said.get("action") == "remove-worker":
            self._todo.put(lambda: self._gone(str(said.get("worker"))))

    def _count(self) -> None:
        """Count the places there are, and use them."""
        if self._client:
            self._threads = dict(self._client.nthreads())
            self._serve()

    def _gone(self, worker: str) -> None:
        """Let the reading thread know that a worker has left, after all that it has reported."""
        if self._queue:
            self._queue.put(("", worker))
            self._count()

    def _warm(self, n: int) -> None:
        if not self._connect() and self._client:
            for _ in range(min(n, self.places)):
                future = self._client.submit(engine_at_hand, self._simulate, pure=False)
                future.add_done_callback(lambda done: done.release())

    def _serve_or_lose(self) -> None:
        why = self._connect()
        if why:
            self._lose_all(f"N{why[1:]}.")
        else:
            self._serve()

    def _serve(self) -> None:
        """Begin as many waiting jobs as there are places."""
        with self._lock:
            while self._waiting and len(self._tasks) < self._room:
                job = self._waiting.popleft()
                self._tasks[job.id] = task = _Task(self, job)
                job.begin(task)

    def _begin(self, task: _Task, start: Start) -> None:
        """Give a task to a worker."""
        task.place = place = self._idlest()
        if not place:  # the last one has just left
            return self._left(place)
        task.future = self._client.submit(
            compute, pack(start), self._simulate, self._queue.name, pure=False, workers=[place]
        )
        task.future.add_done_callback(lambda future: self._todo.put(lambda: self._over(task, future)))
        return None

    def _idlest(self) -> str:
        """Return the worker that has least to do, also for others than us; empty if there is none."""
        assert self._client
        busy = {worker: len(tasks) for worker, tasks in self._client.processing().items()}
        with self._lock:
            ours = Counter(task.place for task in self._tasks.values())
        free = {w: n - max(busy.get(w, 0), ours[w]) for w, n in self._threads.items()}
        return max(free, key=lambda worker: free[worker], default="")

    def _over(self, task: _Task, future: Any) -> None:
        """A task is over; if it has not said how its job ended, its worker could not run it."""
        if future.status == "error":
            why = f"The cluster could not run it: {_words(future.exception())}."
            with self._lock:
                self._end(task, Ended(task.job.id, JobStatus.LOST, why))

    def _read(self, queue: Any) -> None:
        """Hand out what jobs report, until the queue is closed or the scheduler gone."""
        try:
            while True:
                for job, message in [queue.get(), *queue.get(batch=True)]:
                    if not job and not message:
                        return
                    self._heard(job, message)
        except Exception as error:  # whatever the network and the library raise
            if not self._closed:
                self._lose_all(f"The Dask scheduler at {self.address} was lost: {_words(error)}.")

    def _heard(self, name: str, message: Any) -> None:
        if not name:
            return self._left(message)
        report: Any = receive(io.BytesIO(message))
        with self._lock:
            task = self._tasks.get(name)
            match report:
                case Began() if task is None:  # it was cancelled meanwhile
                    self._todo.put(lambda: self.turn(report.worker, Control(name, "cancel")))
                case Began() if task:
                    task.begin(report.worker)
                case Sent() if task:
                    task.job.receive(report.snapshot)
                case Ended() if task:
                    self._end(task, report)
        return None

    def _left(self, worker: str) -> None:
        """Lose the jobs of a worker that has left; those that it had not begun wait for another one."""
        with self._lock:
            for task in [t for t in self._tasks.values() if t.place == worker and not t.worker]:
                del self._tasks[task.job.id]
                self._waiting.appendleft(task.job)
                self._todo.put(task.drop)
                self._todo.put(self._serve)
            for task in [t for t in self._tasks.values() if t.worker == worker]:
                self._end(task, Ended(task.job.id, JobStatus.LOST, LEFT.format(worker)))

    def _end(self, task: _Task, end: Ended) -> None:
        """End a job, under the lock, and use its place."""
        if self._tasks.pop(task.job.id, None):
            if end.status == JobStatus.LOST and task.job.cancelling:
                task.job.finish(JobStatus.CANCELLED)
            elif not task.job.done:
                task.job.finish(end.status, end.error, end.traceback, end.remedy)
            self._todo.put(task.drop)
            self._todo.put(self._serve)

    def _give_up(self, job: SubmittedJob) -> None:
        """Cancel a job that has not begun, or end the worker of one that does not answer."""
        if job in self._waiting:
            self._waiting.remove(job)
            job.finish(JobStatus.CANCELLED)
        elif (task := self._tasks.get(job.id)) and task.worker:
            threading.Thread(target=self._kill, args=(task,), daemon=True).start()
        elif task:
            self._end(task, Ended(job.id, JobStatus.CANCELLED))

    def _kill(self, task: _Task) -> None:
        """End the process of a worker; its nanny starts another one, and that it has left is heard of."""
        client: Any = self._client
        with contextlib.suppress(Exception):  # it has left already, or the scheduler has
            client.run(end_process, workers=[task.worker], on_error="ignore")

    def _lose_all(self, why: str) -> None:
        """Lose every job, and connect anew for the next one."""
        with self._lock:
            for task in list(self._tasks.values()):
                task.job.finish(JobStatus.LOST, why)
            self._tasks.clear()
            while self._waiting:
                self._waiting.popleft().finish(JobStatus.LOST, why)
            client, self._client, self._queue, self._threads = self._client, None, None, {}
        if client:
            with contextlib.suppress(Exception):
                client.close(timeout=1)

    def _leave(self) -> None:
        """Give all resources back, ending by force what does not end by itself."""
        if self._client is None or self._queue is None:
            return
        until, tasks = time.monotonic() + PATIENCE, list(self._tasks.values())
        while (left := [t for t in tasks if not t.over]) and time.monotonic() < until:
            time.sleep(0.01)
        for task in left:
            if task.worker:
                self._kill(task)
        with contextlib.suppress(Exception):  # the scheduler may be gone
            for task in tasks:
                task.drop()
            self._queue.put(("", ""))
            self._queue.close()
            self._client.close(timeout=ANSWER)


class _Task:
    """A job on the cluster: what `SubmittedJob` tells its worker.

    Args:
        runner: To whom it belongs.
        job: The job.
    """

    def __init__(self, runner: DaskRunner, job: SubmittedJob) -> None:
        self.job = job
        self.place = self.worker = ""  # where it is to run, and where it has begun
        self.future: Any = None
        self._runner = runner
        self._controls: SimpleQueue[Control | None] = SimpleQueue()  # told when it has begun

    @property
    def over(self) -> bool:
        """Whether the cluster has done with it."""
        return self.future is None or self.future.done()

    def send(self, order: Order) -> None:
        """Send an order; returns at once."""
        if isinstance(order, Start):
            self._runner.begin(self, order)
        elif isinstance(order, Control):
            self._controls.put(order)

    def begin(self, worker: str) -> None:
        """Note which worker has it, and tell it its controls from now on."""
        self.worker = worker
        threading.Thread(target=self._tell, name=f"gnviz-dask-{self.job.id}", daemon=True).start()

    def drop(self) -> None:
        """Let the cluster forget it; called where waiting for the network is allowed."""
        self._controls.put(None)
        if self.future:
            future, self.future = self.future, None
            if not future.done():
                future.cancel()
            future.release()

    def _tell(self) -> None:
        while (order := self._controls.get()) is not None:
            self._runner.turn(self.worker, order)


def engine_at_hand(simulate: str) -> None:
    """Load an engine, in a worker."""
    engine(simulate)


def _place(cluster: str | Client) -> tuple[str, Any]:
    """Return address and security of a scheduler."""
    if isinstance(cluster, str):
        scheme, _, rest = cluster.strip().rpartition("://")
        host, colon, port = rest.rpartition(":")
        if not (colon and host and port.isdecimal()):
            raise KnobError(f"{cluster!r} is no address of a Dask scheduler, such as tcp://host:8786")
        return f"{scheme or 'tcp'}://{rest}", None
    there: Any = cluster.scheduler
    return there.address, cluster.security


def _words(error: BaseException | None) -> str:
    text = str(error).splitlines()[0] if str(error) else ""
    return ": ".join(filter(None, [type(error).__name__, text]))
