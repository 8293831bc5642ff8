// What the host asks of the kernels: one function a kernel family, plain arguments, no policy.
#pragma once
#include <cuda_bf16.h>
#include <cuda_runtime.h>

#include "layout.cuh"
#include "link.hpp"

namespace jc {

struct Stream {
  cudaStream_t stream;
  bool portable; // no bulk copies, no dependent launch
  int multiprocessors;
  bool serial;   // no dependent launch
};

// For what is done once: one kernel after the other.
inline Stream plain(cudaStream_t stream) { return {stream, false, 0, true}; }

// Every kernel is launched so that it may start before the one before it ends (ptx.cuh).
template <typename... Params, typename... Args>
cudaError_t launch_kernel(const Stream& s, void (*kernel)(Params...), dim3 grid, dim3 block, size_t shared, Args&&... args) {
  cudaLaunchConfig_t config{};
  config.gridDim = grid;
  config.blockDim = block;
  config.dynamicSmemBytes = shared;
  config.stream = s.stream;
  cudaLaunchAttribute early{};
  early.id = cudaLaunchAttributeProgrammaticStreamSerialization;
  early.val.programmaticStreamSerializationAllowed = 1;
  config.attrs = &early;
  config.numAttrs = s.portable || s.serial ? 0 : 1;
  return cudaLaunchKernelEx(&config, kernel, static_cast<Params>(args)...);
}

// --- product.cu -------------------------------------------------------------------------------------------------

struct ProductArgs {
  const uint8_t* weights;
  const float* scales;        // [outputs] for int8 and fp8
  const uint8_t* activations; // bf16, layout.cuh
  float* parts;               // [part][row][output]
  size_t part_stride;
  const float* squares;       // [square_tiles][kMostRows]: the rows' sums of squares; null (and no tiles): rows are taken as they are
  int square_tiles, hidden;
  float epsilon;
  int width, rows;
  Stripes stripes;
};
cudaError_t product_setup();
cudaError_t run_product(Weights format, const ProductArgs& args, const Stream& stream);

// --- rows.cu ----------------------------------------------------------------------------------------------------

// A product's parts join the residual stream; on it goes as the next product's rows.
struct ResidualArgs {
  float* residual;            // [row][hidden]
  Parts added;
  const float* bias;          // [hidden], of what is added, or null
  const float* next_norm;     // [hidden], of the norm that follows
  __nv_bfloat16* activations; // residual * next_norm
  float* squares;             // [tile][kMostRows]: sums of the residual's squares
  int hidden, tiles;
  int padded, cover;          // inputs of the product that follows, and tiles over them
  int row_blocks;
  Link link;                  // over several ranks: what is added is one rank's part of a sum
  int turn;                   // 0 or 1, see Link
};
cudaError_t run_residual(const ResidualArgs& args, int rows, const Stream& stream);
// Where sums are gathered (Link), what comes before the gathering.
cudaError_t run_own_part(const ResidualArgs& args, int rows, const Stream& stream);

// The beginning of a pass: rotations, and the residual stream from the embedding (nothing is added).
struct BeginArgs {
  const PassTable* table;
  const float* inverse_frequencies;
  float rope_scale;
  int half, rows;
  float2* rotations;
  const void* embedding;
  int embedding_source; // enum jc_source: of at most two bytes a value
  ResidualArgs to;
};
cudaError_t run_begin(const BeginArgs& args, const Stream& stream);

// A tile is 128 gates and the 128 values they let through.
cudaError_t run_swiglu(const Parts& gate_up, __nv_bfloat16* activations, int width, int padded, int rows, const Stream& stream);

// Biases, norms a head (Qwen3), rotation; queries go on, keys and values into the cache.
struct QkvArgs {
  const PassTable* table;
  Parts parts;
  const float* bias;       // [outputs] or null
  const float* q_norm;     // [head_dim] or null
  const float* k_norm;
  const float2* rotations; // [row][head_dim / 2]: cosine, sine
  __nv_bfloat16* queries;  // [row][head][padded head_dim]
  float epsilon;
  int layer, heads, kv_heads, head_dim, k_offset, v_offset, rows;
};
cudaError_t run_qkv(const QkvArgs& args, const Stream& stream);

// --- states.cu --------------------------------------------------------------------------------------------------

struct StatesArgs {
  const float* residual; // [row][hidden]
  const float* norm;
  float epsilon;
  int hidden, rows;
  float* pre_norm;       // [row][hidden] or null
  float* post_norm;
  const float* const* terms; // [term_count] weight vectors, in device memory
  const int* term_states;    // 0 pre-norm, 1 post-norm, 2 + i: of layer_rows
  int term_count;
  float* judge;              // [row][term]
  const float* layer_rows;   // [layer][kMostRows][hidden]: the residual stream behind earlier layers
  int layer_count;
  float* layer_states;       // [row][layer][hidden] or null
};
cudaError_t run_states(const StatesArgs& args, const Stream& stream);

// --- attention.cu -----------------------------------------------------------------------------------------------

struct AttentionArgs {
  const PassTable* table;
  const __nv_bfloat16* queries;
  float* partial;      // [row][head][chunk][padded head_dim]
  float2* partial_max; // [row][head][chunk]: maximum, sum
  int layer, heads, kv_heads, head_dim, rows, segments, chunks, row_blocks, padded_out;
  int tiles_a_block;   // sixteens of pairs; filled in by run_attention
  float scale;         // of scores, times log2 e
  __nv_bfloat16* activations; // [row][heads * head_dim]
};
cudaError_t attention_setup();
// Each chunk's partial result, by the kernel for texts of this length.
cudaError_t run_attention(const AttentionArgs& args, const Stream& stream);
// Chunks joined: the rows of the output product.
cudaError_t run_join(const AttentionArgs& args, const Stream& stream);

// --- logits.cu --------------------------------------------------------------------------------------------------

constexpr int kLogitSlice = 2048;
constexpr int kMostTop = 64;

struct SliceStats {
  float maximum, sum, weighted; // sum of exp(x - maximum), of x exp(x - maximum)
  int argmax;
};
struct LogitArgs {
  const PassTable* table;
  Parts parts;
  int tokens, rows, slices, top;
  SliceStats* stats;      // [row][slice]
  float* logits;          // [row][tokens] or null
  float2* slice_top;      // [row][slice][top]: value, id as bits
  int* argmax;            // [row] …
  float *chosen, *log_sum_exp, *entropy, *top_log_probs;
  int* top_ids;
  PassTable* draft;       // not null: the last row's argmax is drafted, and the table moves on to feeding it
  Link link;              // over several ranks: tokens, parts and logits are this rank's, from `first_token` on
  int first_token;
  bool gathers;           // what comes before the gathering of messages (Link), and no more
};
cudaError_t run_logits(const LogitArgs& args, const Stream& stream);
// The last step over several ranks (ranks_logits.cu), called by run_logits: ends on every rank with what all of them know.
cudaError_t run_ranks_row(const LogitArgs& args, const Stream& stream);

// --- pack.cu ----------------------------------------------------------------------------------------------------

struct PackArgs {
  const void* source; // row-major on the device, or null: values from `seed`
  int source_type;    // enum jc_source
  uint64_t seed;
  float magnitude;    // of made-up values
  int rows, cols;     // that are packed
  int first_row, first_col, all_cols; // where they are in the source, and how wide it is
  int row_offset;     // where it goes in the packed matrix, a multiple of 16
  int run, stride;    // rows lie in runs of `run` (a multiple of 16), `stride` rows of the matrix apart
  int per_tile;       // units a tile
  uint8_t* packed;
  float* scales;      // [outputs], int8 and fp8
};
cudaError_t run_pack(Weights format, const PackArgs& args, cudaStream_t stream);
// `count` values of the source from `first` on, as bf16 or float32.
cudaError_t run_convert(const void* source, int source_type, uint64_t seed, float magnitude, float around, size_t first, size_t count, void* out, bool bf16, cudaStream_t stream);

// --- bandwidth.cu -----------------------------------------------------------------------------------------------

cudaError_t run_read(const void* data, size_t bytes, uint32_t* sink, int blocks, cudaStream_t stream);

} // namespace jc
