// What a judge looks at: the hidden rows of the last layer, before and after the final norm, those behind earlier layers, and dot products with judge
// terms. One block a row, each sum in one fixed order.
#include "kernels.hpp"
#include "ptx.cuh"
#include "sums.cuh"

namespace jc {
namespace {

constexpr int kThreads = 512;

__global__ void __launch_bounds__(kThreads) states_kernel(const StatesArgs p) {
  __shared__ float scratch[kThreads / 32];
  let_next_kernel_start();
  wait_for_earlier_kernels();
  const int row = blockIdx.x;
  const float* residual = p.residual + static_cast<size_t>(row) * p.hidden;
  float squares = 0;
  for (int k = threadIdx.x; k < p.hidden; k += kThreads) squares += residual[k] * residual[k];
  const float scale = rsqrtf(block_sum<kThreads>(squares, scratch) / p.hidden + p.epsilon);
  for (int k = threadIdx.x; k < p.hidden; k += kThreads) {
    if (p.pre_norm) p.pre_norm[static_cast<size_t>(row) * p.hidden + k] = residual[k];
    if (p.post_norm) p.post_norm[static_cast<size_t>(row) * p.hidden + k] = residual[k] * scale * p.norm[k];
  }
  const auto behind = [&](int layer) { return p.layer_rows + (static_cast<size_t>(layer) * kMostRows + row) * p.hidden; };
  if (p.layer_states)
    for (int l = 0; l < p.layer_count; l++)
      for (int k = threadIdx.x; k < p.hidden; k += kThreads) p.layer_states[(static_cast<size_t>(row) * p.layer_count + l) * p.hidden + k] = behind(l)[k];
  for (int t = 0; t < p.term_count; t++) {
    const float* weights = p.terms[t];
    const bool post = p.term_states[t] == 1;
    const float* state = p.term_states[t] < 2 ? residual : behind(p.term_states[t] - 2);
    float dot = 0;
    for (int k = threadIdx.x; k < p.hidden; k += kThreads) dot += weights[k] * (post ? residual[k] * scale * p.norm[k] : state[k]);
    __syncthreads();
    dot = block_sum<kThreads>(dot, scratch);
    if (threadIdx.x == 0) p.judge[row * p.term_count + t] = dot;
  }
}

} // namespace

cudaError_t run_states(const StatesArgs& p, const Stream& stream) { return launch_kernel(stream, states_kernel, dim3(p.rows), dim3(kThreads), 0, p); }

} // namespace jc
