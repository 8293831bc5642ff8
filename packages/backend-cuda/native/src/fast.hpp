// The kernels of prompts that are read fast (fast_prefill.hpp): activations are row-major, and all rows of a part go through each at once.
#pragma once
#include "kernels.hpp"

namespace jc {

// Each may be put on multiprocessors while the last blocks of the kernel before it end, and waits for all of it before it reads or
// writes what others do. cuBLASLt's kernels, which are launched plainly, wait for all that is before them.
inline Stream following(cudaStream_t stream) { return {stream, false, 0, false}; }

// --- unpack.cu --------------------------------------------------------------------------------------------------

struct UnpackArgs {
  const uint8_t* packed;
  const float* scales; // [outputs], int8 and fp8
  int tiles, per_tile; // of units
  __nv_bfloat16* out;  // [outputs][inputs], both padded
};
cudaError_t run_unpack(Weights format, const UnpackArgs& args, cudaStream_t stream);

// --- fast_rows.cu -----------------------------------------------------------------------------------------------

// What a product adds joins the residual stream, or the stream begins; on it goes as the next product's rows, normed.
struct FastNormArgs {
  float* residual;        // [row][hidden]
  const float* added;     // [row][added_width]; null: the stream begins with the tokens' embeddings
  int added_width;
  const float* bias;      // [hidden], of what is added, or null
  const int* tokens;      // [row]
  const void* embedding;
  int embedding_source;   // enum jc_source
  const float* norm;      // [hidden]
  float epsilon;
  int hidden, padded;
  __nv_bfloat16* normed;  // [row][padded]
};
cudaError_t run_fast_norm(const FastNormArgs& args, int rows, cudaStream_t stream);

struct RotationArgs {
  const float* inverse_frequencies; // [half]
  float rope_scale;
  int first_position, half;
  float2* rotations; // [row][half]: cosine, sine
};
cudaError_t run_rotations(const RotationArgs& args, int rows, cudaStream_t stream);

// As run_qkv, of one session whose rows follow one another: `segment` instead of args.table.
cudaError_t run_fast_heads(const QkvArgs& args, const Segment& segment, cudaStream_t stream);

// `gate_up`: [row][gate_up_width], tiles as the products'; `gated`: [row][padded].
cudaError_t run_fast_swiglu(const float* gate_up, int gate_up_width, __nv_bfloat16* gated, int width, int padded, int rows, cudaStream_t stream);

// --- fast_attention.cu ------------------------------------------------------------------------------------------

// Of `args`: queries, layer, heads, kv_heads, head_dim, padded_out, scale; activations are [row][padded_out] here.
cudaError_t fast_attention_setup(int head_dim);
cudaError_t run_fast_attention(const AttentionArgs& args, const Segment& segment, cudaStream_t stream);

} // namespace jc
