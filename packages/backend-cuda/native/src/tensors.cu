// Where tensors go: each uploaded or made up, quantised and packed where it belongs.
#include "group.hpp"
#include "source.cuh"

#include <cmath>

namespace jc {
namespace {

// Where a tensor goes and what it must look like.
struct Place {
  const char* name;
  int64_t rows, cols; // of all ranks
  Matrix* matrix;  // packed there …
  int row_offset, run, stride; // see PackArgs
  DeviceBuffer* vector; // … or kept as float32 there, at an offset in values
  int offset;
  bool wanted;
};

constexpr int kAllRows = 1 << 30; // one run

Place place_of(jc_model& model, int tensor, int layer) {
  const jc_model_config& c = model.whole;
  const Shape& s = model.shape;
  if (layer < 0 || layer >= c.layers) fail(JC_INVALID, "Expected `layer` from 0 to %d, got %d.", c.layers - 1, layer);
  Layer& l = model.layers[layer];
  const int kv = c.kv_heads * c.head_dim, queries = c.heads * c.head_dim;
  const bool first = layer == 0;
  switch (tensor) {
    case JC_EMBEDDING: return {"embedding", c.vocab_rows, c.hidden, nullptr, 0, kAllRows, 0, &model.embedding, 0, first};
    case JC_OUTPUT: return {"output", c.vocab_rows, c.hidden, &model.output, 0, kAllRows, 0, nullptr, 0, first && !(c.flags & JC_TIED)};
    case JC_FINAL_NORM: return {"final norm", c.hidden, 1, nullptr, 0, kAllRows, 0, &model.final_norm, 0, first};
    case JC_ATTENTION_NORM: return {"attention norm", c.hidden, 1, nullptr, 0, kAllRows, 0, &l.attention_norm, 0, true};
    case JC_FEED_FORWARD_NORM: return {"feed-forward norm", c.hidden, 1, nullptr, 0, kAllRows, 0, &l.feed_forward_norm, 0, true};
    case JC_Q: return {"query", queries, c.hidden, &l.qkv, 0, kAllRows, 0, nullptr, 0, true};
    case JC_K: return {"key", kv, c.hidden, &l.qkv, s.k_offset, kAllRows, 0, nullptr, 0, true};
    case JC_V: return {"value", kv, c.hidden, &l.qkv, s.v_offset, kAllRows, 0, nullptr, 0, true};
    case JC_O: return {"attention output", c.hidden, queries, &l.out, 0, kAllRows, 0, nullptr, 0, true};
    case JC_Q_BIAS: return {"query bias", queries, 1, nullptr, 0, kAllRows, 0, &l.qkv_bias, 0, (c.flags & JC_Q_HAS_BIAS) != 0};
    case JC_K_BIAS: return {"key bias", kv, 1, nullptr, 0, kAllRows, 0, &l.qkv_bias, s.k_offset, (c.flags & JC_K_HAS_BIAS) != 0};
    case JC_V_BIAS: return {"value bias", kv, 1, nullptr, 0, kAllRows, 0, &l.qkv_bias, s.v_offset, (c.flags & JC_V_HAS_BIAS) != 0};
    case JC_O_BIAS: return {"attention output bias", c.hidden, 1, nullptr, 0, kAllRows, 0, &l.out_bias, 0, (c.flags & JC_O_HAS_BIAS) != 0};
    case JC_Q_NORM: return {"query norm", c.head_dim, 1, nullptr, 0, kAllRows, 0, &l.q_norm, 0, (c.flags & JC_QK_NORM) != 0};
    case JC_K_NORM: return {"key norm", c.head_dim, 1, nullptr, 0, kAllRows, 0, &l.k_norm, 0, (c.flags & JC_QK_NORM) != 0};
    case JC_GATE: return {"gate", c.feed_forward, c.hidden, &l.gate_up, 0, kTile / 2, kTile, nullptr, 0, true};
    case JC_UP: return {"up", c.feed_forward, c.hidden, &l.gate_up, kTile / 2, kTile / 2, kTile, nullptr, 0, true};
    case JC_DOWN: return {"down", c.hidden, c.feed_forward, &l.down, 0, kAllRows, 0, nullptr, 0, true};
    default: fail(JC_INVALID, "Expected `tensor` to be one of enum jc_tensor, got %d.", tensor);
  }
}

// This rank's part of a tensor; of one rank, all of it.
jc_part part_of(const jc_model& model, int tensor, const Place& at) {
  if (model.shard.ranks == 1) return {jc_whole(static_cast<int32_t>(at.rows)), jc_whole(static_cast<int32_t>(at.cols))};
  return jc_part_of(&model.whole, &model.shard, tensor, at.rows, at.cols);
}

// `source`: all of the tensor, from row `first` on.
void pack_into(jc_model& model, Matrix& m, const Place& at, const jc_part& part, const void* source, int first, int source_type, uint64_t seed) {
  if (part.rows.count == 0) return;
  if (source && carries(m.format, source_type) && part.cols.first % kBlock)
    fail(JC_UNSUPPORTED, "Expected parts of whole blocks of %d columns over %d ranks, a rank's part of the %s begins at column %d: use int8.", kBlock, model.shard.ranks, at.name, part.cols.first);
  PackArgs p{};
  p.source = source;
  p.source_type = source_type;
  p.seed = seed;
  p.magnitude = 1.7f / std::sqrt(static_cast<float>(at.cols)); // evenly spread: a product's rows keep the size of its input
  p.rows = part.rows.count, p.cols = part.cols.count;
  p.first_row = part.rows.first - first, p.first_col = part.cols.first, p.all_cols = static_cast<int>(at.cols);
  p.row_offset = at.row_offset, p.run = at.run, p.stride = at.stride;
  p.per_tile = m.stripes.per_tile;
  p.packed = m.packed.as<uint8_t>();
  p.scales = m.scales.as<float>();
  check(run_pack(m.format, p, model.stream), "packing weights");
}

// `source`: from the first row of the rank's part on; null: made up from `seed`.
void place_tensor(jc_model& model, int tensor, int layer, const Place& at, const void* source, int type, uint64_t seed) {
  const jc_part part = part_of(model, tensor, at);
  const int first = source ? part.rows.first : 0;
  if (at.matrix) pack_into(model, *at.matrix, at, part, source, first, type, seed);
  if (at.vector) {
    const size_t begin = static_cast<size_t>(part.rows.first - first) * at.cols, count = static_cast<size_t>(part.rows.count) * at.cols;
    const bool embedding = tensor == JC_EMBEDDING, norm = at.cols == 1 && at.offset == 0 && tensor != JC_Q_BIAS && tensor != JC_O_BIAS;
    void* to = embedding ? at.vector->as<void>() : at.vector->as<float>() + at.offset;
    if (embedding && source && type != JC_SOURCE_F32) { // all of it on every rank, as stored
      model.embedding_source = type;
      check(cudaMemcpyAsync(to, source, source_bytes(type, count), cudaMemcpyDeviceToDevice, model.stream), "placing a tensor");
    } else {
      check(run_convert(source, type, seed, embedding ? 1.f : 0.02f, norm ? 1.f : 0.f, begin, count, to, embedding, model.stream), "placing a tensor");
    }
    if (embedding && (model.config.flags & JC_TIED)) {
      const bool made_up = source == nullptr; // of the embedding's own size, not of one that keeps a row's
      pack_into(model, model.output, at, part_of(model, JC_OUTPUT, at), made_up ? to : source, 0, made_up ? JC_SOURCE_BF16 : type, seed);
    }
  }
  model.given.insert({tensor, layer});
}

// Those that are wanted and were not given.
template <typename Visit> void each_tensor(jc_model& model, Visit visit) {
  for (int layer = 0; layer < model.config.layers; layer++)
    for (int tensor = JC_EMBEDDING; tensor <= JC_DOWN; tensor++) {
      const Place at = place_of(model, tensor, layer);
      if (at.wanted && !model.given.count({tensor, layer})) visit(tensor, layer, at);
    }
}

} // namespace

void put_tensor(jc_model& model, int tensor, int layer, int source, const void* data, int64_t rows, int64_t cols) {
  const Place at = place_of(model, tensor, layer);
  if (!at.wanted) fail(JC_INVALID, "This model has no %s in layer %d.", at.name, layer);
  if (rows != at.rows || cols != at.cols)
    fail(JC_INVALID, "Expected %s of layer %d to be [%lld, %lld], got [%lld, %lld].", at.name, layer, static_cast<long long>(at.rows), static_cast<long long>(at.cols),
         static_cast<long long>(rows), static_cast<long long>(cols));
  if (source < 0 || source > JC_SOURCE_Q4_0) fail(JC_INVALID, "Expected `source` to be one of enum jc_source, got %d.", source);
  if (source >= JC_SOURCE_Q8_0 && cols % kBlock) fail(JC_INVALID, "Expected blocks of a matrix whose columns are a multiple of %d, %s of layer %d has %lld.", kBlock, at.name, layer, static_cast<long long>(cols));
  if (model.given.count({tensor, layer})) fail(JC_INVALID, "The %s of layer %d was given twice.", at.name, layer);
  // each rank takes the rows of its part; where its part is columns, all of them: scales are those of whole rows
  each_rank(model, [&](jc_model& rank) {
    const jc_range own = part_of(rank, tensor, at).rows;
    const size_t row_bytes = source_bytes(source, cols);
    rank.upload.at_least(own.count * row_bytes, "a tensor on its way");
    if (own.count)
      check(cudaMemcpyAsync(rank.upload.as<void>(), static_cast<const uint8_t*>(data) + own.first * row_bytes, own.count * row_bytes, cudaMemcpyHostToDevice, rank.stream), "uploading a tensor");
    place_tensor(rank, tensor, layer, place_of(rank, tensor, layer), rank.upload.as<void>(), source, 0);
    check(cudaStreamSynchronize(rank.stream), "packing a tensor");
  });
}

void synthesize(jc_model& model, uint64_t seed) {
  each_rank(model, [&](jc_model& rank) {
    each_tensor(rank, [&](int tensor, int layer, const Place& at) {
      place_tensor(rank, tensor, layer, at, nullptr, 0, seed * 0x9e3779b97f4a7c15ull + static_cast<uint64_t>(layer * 64 + tensor));
    });
    check(cudaStreamSynchronize(rank.stream), "making weights up");
  });
}

void finish_model(jc_model& model) {
  each_tensor(model, [](int, int layer, const Place& at) { fail(JC_INVALID, "The %s of layer %d was not given.", at.name, layer); });
  each_rank(model, [](jc_model& rank) { rank.upload.allocate(0, ""); });
  model.finished = true;
}

uint64_t packed_copy(jc_model& model, int tensor, int layer, void* out) {
  const Place at = place_of(model, tensor, layer);
  const Matrix* m = at.matrix ? at.matrix : tensor == JC_EMBEDDING ? &model.output : nullptr;
  if (!m) fail(JC_INVALID, "The %s is not packed.", at.name);
  if (out) check(cudaMemcpy(out, m->packed.as<void>(), m->packed.bytes(), cudaMemcpyDeviceToHost), "reading weights back");
  return m->packed.bytes();
}

} // namespace jc
