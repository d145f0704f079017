"""Results: what a run records, as labelled arrays that can be saved and loaded.

`Snapshot` is one moment of all runs of an experiment, in NumPy; a `Recording` collects them on
the experiment's shared time grid and presents them as an `xarray.Dataset` (schema 1):

| variable | dims | meaning |
|---|---|---|
| loss, rho, bound | (run, time) | loss g; schedule; running certificate on the loss |
| apriori | (run, time) | bound on the loss while kernel_change <= lambda_0 / 2; NaN: nothing is claimed |
| kernel_change | (run, time) | ||S_t - S_0||_2, the spectral norm; NaN for p < n |
| step_size, gain, accepted | (run, time) | see `PER_STEP`; NaN in continuous time |
| kernel_drift, weight_drift | (run, time) | ||K_t-K_0||/||K_0||; ||w_t-w_0||/||w_0|| |
| eigenvalues, rate, residual_modes | (run, time, mode) | of S_t, descending; r_i; V_t^T z_t |
| prediction | (run, time, sample) | the predictor u_t on the data |
| curve | (run, time, grid) | the predictor along `grid`, for data on a line or a circle |
| plane | (run, look, up, across) | the predictor over the plane of two inputs, at the times `look`; float32 |
| weights | (run, time, parameter) | the parameters w_t, where they are few (`observe.weights`) |
| end_weights | (run, parameter) | the parameters that each run ended with (`observe.weights`) |
| unscaled_covariance | (run, parameter, other) | (alpha^2 J^T G J)^+ at the end, NaN: not determined |
| rank | (run,) | of G^1/2 J at the end, as far as rounding lets it be told |
| optimum, optimum_error | (run,) | least loss in reach for p < n, NaN where unknown; its error: local both |
| start_loss, start_error | (run, start) | least loss that other starts found; what is left to gain |
| start_distance | (start,) | how far from w_0 each start was, or its size if drawn afresh, over |w_0| |
| start_fresh | (start,) | whether a start was drawn about 0 rather than about w_0 |
| end_time, end_loss | (run,) | where the run ended, and its loss there; NaN while it goes on |
| apriori_until | (run,) | up to when apriori's condition held at every step of the engine |
| status, status_text | (run,) | one word and one plain sentence |
| evaluations | (run,) | kernel evaluations that following the run took |
| lazy_gap | (run, time) | ||u_t - u_lin|| / ||u_t - u_0||, u_lin the network linearized at w_0, at w_t |
| path_length | (run, time) | length of the polygon w_0, w_1, ... through the recorded weights, over ||w_0|| |
| test_loss | (run, time) | mean loss of a test sample, times n; NaN without test samples (`data.test`) |
| test_accuracy | (run, time) | share of test samples whose label is predicted, NaN if targets are no labels |
| kernel_limit | (run, grid) | where training would end if the kernel stayed K_0 (kernel regression) |
| frozen_loss | (run, moment) | loss if the kernel stayed K_0, at all moments to come; of few runs |
| frozen_modes | (run, moment, mode) | V_0^T z likewise |
| sharpness | (run, time, order) | top eigenvalues of the loss's Hessian, on request (`observe.sharpness`) |
| tangent | (run, time, sample, mode) | orthonormal basis of range J at u_t (surface experiments) |
| x, y | (sample, feature), (sample,) | the data |
| infinite_width | (mode,) | eigenvalues of K_0 for infinite width, where they have a closed form |
| test_x, test_y | (test, feature), (test,) | samples that are not trained on, if there are (`data.test`) |
| basis | (sample, mode) | eigenvectors of S_0, in the order of the eigenvalues |

With the loss's gradient e and curvature G, S = G^{1/2} K G^{1/2} = V diag(lambda) V^T and z = G^{-1/2} e: for
squared loss these are K and u - y. There are min(n, p) modes: for p < n the part of z normal to them is out
of reach, and `bound` and `apriori` are NaN. kernel_drift is of K itself. Files of older versions lack what is
not in `VARIABLES`. A surface experiment (`surface.model`) has the geometry of its surface besides: see
`gnviz.results.geometry.Geometry`.

x, y, coordinate and grid are what was fitted: the attribute `standardized` says whether a table's columns
were brought to mean 0 and standard deviation 1, and x_offset, x_scale (of each feature), y_offset and y_scale
lead back to its own units: own = offset + scale * recorded.

Every variable over time is NaN from where a run has ended on: `end_time` may lie between two moments.

Nothing here imports torch.
"""

from gnviz.results.archives import read_arrays
from gnviz.results.files import load, replace_file, save, to_bytes
from gnviz.results.geometry import Geometry
from gnviz.results.recalled import recalled
from gnviz.results.recording import Recording, version
from gnviz.results.schema import ENDS, PER_MODE, PER_RUN, PER_STEP, SCHEMA, VARIABLES, Status
from gnviz.results.snapshot import Header, Snapshot

__all__ = [
    "ENDS",
    "PER_MODE",
    "PER_RUN",
    "PER_STEP",
    "SCHEMA",
    "VARIABLES",
    "Geometry",
    "Header",
    "Recording",
    "Snapshot",
    "Status",
    "load",
    "read_arrays",
    "recalled",
    "replace_file",
    "save",
    "to_bytes",
    "version",
]
