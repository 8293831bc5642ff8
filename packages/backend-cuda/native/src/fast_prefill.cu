#include "fast_prefill.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "fast.hpp"

namespace jc {
namespace {

void launched(cudaError_t e) { check(e, "starting a kernel"); }

} // namespace

FastSizes::FastSizes(const jc_model_config& c, const Matrix& qkv, const Matrix& out, const Matrix& gate_up, const Matrix& down)
    : rows(std::min(c.fast_rows, std::max(kLeastFastRows, round_up(c.context, kFastRowStep)))), widest(0), weights(0) {
  for (const Matrix* m : {&qkv, &out, &gate_up, &down}) {
    widest = std::max(widest, m->width);
    weights = std::max(weights, static_cast<size_t>(m->width) * m->inputs * 2);
  }
  const size_t n = rows;
  products = n * widest * 4, residual = n * c.hidden * 4, normed = n * qkv.inputs * 2, attended = n * out.inputs * 2, gated = n * down.inputs * 2;
  queries = n * c.heads * padded_head(c.head_dim) * 2, rotations = n * (c.head_dim / 2) * 8;
}
size_t FastSizes::total() const {
  return weights + products + residual + normed + attended + gated + queries + rotations + static_cast<size_t>(rows) * 4 + widest / kTile + MatrixLibrary::kWorkspace;
}

void check_fast(const jc_model_config& c, int ranks) {
  if (c.fast_rows == 0) return;
  if (c.fast_rows < kLeastFastRows || c.fast_rows > 8192 || c.fast_rows % kFastRowStep)
    fail(JC_INVALID, "Expected `fast_rows` to be 0 or a multiple of %d from %d to 8192, got %d.", kFastRowStep, kLeastFastRows, c.fast_rows);
  if (ranks > 1) fail(JC_UNSUPPORTED, "Expected one GPU for fast prefill, got %d ranks: read prompts exactly, or use one GPU.", ranks);
  if (static_cast<Weights>(c.weights) == Weights::fp16)
    fail(JC_UNSUPPORTED, "Expected weights that bfloat16 holds for fast prefill, got float16, of which three bits would be lost: read prompts exactly, or hold the weights as bf16, int8 or int4.");
}

FastPrefill::FastPrefill(const jc_model& m) : sizes_(m.config, m.layers[0].qkv, m.layers[0].out, m.layers[0].gate_up, m.layers[0].down) {
  if (m.portable) fail(JC_UNSUPPORTED, "Expected a GPU of compute capability 9.x for fast prefill, got the portable form of the kernels: read prompts exactly.");
  library_ = cublaslt();
  launched(fast_attention_setup(m.config.head_dim));
  const char* what = "fast prefill";
  weights_.allocate(sizes_.weights, what), products_.allocate(sizes_.products, what), residual_.allocate(sizes_.residual, what), normed_.allocate(sizes_.normed, what);
  attended_.allocate(sizes_.attended, what), gated_.allocate(sizes_.gated, what), queries_.allocate(sizes_.queries, what), rotations_.allocate(sizes_.rotations, what);
  tokens_.allocate(static_cast<size_t>(sizes_.rows) * 4, what), counts_.allocate(sizes_.widest / kTile, what), workspace_.allocate(MatrixLibrary::kWorkspace, what);
  tokens_host_.at_least(static_cast<size_t>(sizes_.rows) * 4, what);
  // products are made for whole steps of rows, and read what nobody wrote; padded inputs and dimensions stay zeros
  for (DeviceBuffer* b : {&normed_, &attended_, &gated_, &queries_}) check(cudaMemsetAsync(b->as<void>(), 0, b->bytes(), m.stream), "clearing memory");
  check(cudaMemsetAsync(counts_.as<void>(), 1, counts_.bytes(), m.stream), "clearing memory");
  for (cudaEvent_t& e : layers_) check(cudaEventCreate(&e), "making an event");
  check(cudaStreamSynchronize(m.stream), "making room for fast prefill");
}

FastPrefill::~FastPrefill() {
  for (cudaEvent_t e : layers_)
    if (e) cudaEventDestroy(e);
}

// One part of a text on its way through the layers.
struct FastPrefill::Part {
  FastPrefill& f;
  const jc_model& m;
  const Segment segment;
  const jc_model_config& c = m.config;
  const cudaStream_t stream = m.stream;
  const int rows = segment.rows;

  void begin(const int32_t* tokens) {
    std::memcpy(f.tokens_host_.as<void>(), tokens, static_cast<size_t>(rows) * 4);
    check(cudaMemcpyAsync(f.tokens_.as<void>(), f.tokens_host_.as<void>(), static_cast<size_t>(rows) * 4, cudaMemcpyHostToDevice, stream), "sending a prompt");
    const RotationArgs r{m.frequencies.as<float>(), c.rope_scale, segment.first_position, c.head_dim / 2, f.rotations_.as<float2>()};
    launched(run_rotations(r, rows, stream));
    norm(nullptr, 0, nullptr, m.layers[0].attention_norm);
  }

  // Up to the cache; what comes behind the last layer's is asked for by nobody.
  void layer(int i) {
    const Layer& l = m.layers[i];
    product(l.qkv, f.normed_);
    heads(l, i);
    if (i + 1 == c.layers) return;
    attention(l, i);
    product(l.out, f.attended_);
    norm(f.products_.as<float>(), l.out.width, l.out_bias.as<float>(), l.feed_forward_norm);
    product(l.gate_up, f.normed_);
    launched(run_fast_swiglu(f.products_.as<float>(), l.gate_up.width, f.gated_.as<__nv_bfloat16>(), c.feed_forward, l.down.inputs, rows, stream));
    product(l.down, f.gated_);
    norm(f.products_.as<float>(), l.down.width, nullptr, m.layers[i + 1].attention_norm);
  }

 private:
  // [row][x.width] into f.products_.
  void product(const Matrix& x, const DeviceBuffer& activations) {
    const UnpackArgs u{x.packed.as<uint8_t>(), x.scales.as<float>(), x.stripes.tiles, x.stripes.per_tile, f.weights_.as<__nv_bfloat16>()};
    launched(run_unpack(x.format, u, stream));
    f.library_->multiply(u.out, activations.as<void>(), f.products_.as<float>(), round_up(rows, kFastRowStep), x.width, x.inputs, f.workspace_.as<void>(), stream);
  }

  void norm(const float* added, int added_width, const float* bias, const DeviceBuffer& weights) {
    FastNormArgs a{};
    a.residual = f.residual_.as<float>(), a.added = added, a.added_width = added_width, a.bias = bias;
    a.tokens = f.tokens_.as<int>(), a.embedding = m.embedding.as<void>(), a.embedding_source = m.embedding_source;
    a.norm = weights.as<float>(), a.epsilon = c.norm_epsilon, a.hidden = c.hidden, a.padded = m.layers[0].qkv.inputs, a.normed = f.normed_.as<__nv_bfloat16>();
    launched(run_fast_norm(a, rows, stream));
  }

  void heads(const Layer& l, int layer) {
    QkvArgs q{};
    q.parts = {f.products_.as<float>(), l.qkv.width, 0, f.counts_.as<uint8_t>()};
    q.bias = l.qkv_bias.as<float>(), q.q_norm = l.q_norm.as<float>(), q.k_norm = l.k_norm.as<float>();
    q.rotations = f.rotations_.as<float2>(), q.queries = f.queries_.as<__nv_bfloat16>(), q.epsilon = c.norm_epsilon;
    q.layer = layer, q.heads = c.heads, q.kv_heads = c.kv_heads, q.head_dim = c.head_dim;
    q.k_offset = m.shape.k_offset, q.v_offset = m.shape.v_offset, q.rows = rows;
    launched(run_fast_heads(q, segment, stream));
  }

  void attention(const Layer& l, int layer) {
    AttentionArgs a{};
    a.queries = f.queries_.as<__nv_bfloat16>(), a.layer = layer, a.heads = c.heads, a.kv_heads = c.kv_heads, a.head_dim = c.head_dim;
    a.rows = rows, a.segments = 1, a.padded_out = l.out.inputs, a.activations = f.attended_.as<__nv_bfloat16>();
    a.scale = 1.4426950408889634f / std::sqrt(static_cast<float>(c.head_dim));
    launched(run_fast_attention(a, segment, stream));
  }
};

int FastPrefill::read(jc_model& m, const jc_pass& pass, const std::function<void()>& look) {
  const Session& s = *pass.session;
  int first = 0;
  for (int n; pass.count - first >= kLeastFastRows; first += n) {
    n = std::min(sizes_.rows, pass.count - first);
    Part part{*this, m, {s.keys.as<void>(), s.values.as<void>(), 0, n, pass.start + first, s.capacity}};
    part.begin(pass.tokens + first);
    for (int i = 0; i < m.config.layers; i++) {
      if (i > 1) check(cudaEventSynchronize(layers_[i & 1]), "reading a prompt");
      look();
      part.layer(i);
      check(cudaEventRecord(layers_[i & 1], m.stream), "reading a prompt");
    }
    m.stopwatch.mark(m.stream);
    check(cudaStreamSynchronize(m.stream), "reading a prompt");
  }
  return first;
}

} // namespace jc
