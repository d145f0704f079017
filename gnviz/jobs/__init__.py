"""Jobs: run an experiment somewhere else and collect its snapshots here.

`Runner.submit(experiment)` returns a `Job` at once; `Job.poll()` hands over what has arrived.
`LocalRunner` uses processes of this machine that are kept warm.
"""

from gnviz.jobs.base import Job, JobStatus, Runner, stream
from gnviz.jobs.local import LocalRunner

__all__ = ["Job", "JobStatus", "LocalRunner", "Runner", "stream"]
