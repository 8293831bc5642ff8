// One model on one device: its shape, its packed weights, and the working memory of a pass.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "kernels.hpp"
#include "link.hpp"
#include "memory.hpp"
#include "rounds.hpp"
#include "runner.h"
#include "shard.h"

namespace jc {

// A linear layer as the product reads it. Several tensors may lie below each other in one matrix (q, k, v; gate, up).
struct Matrix {
  Weights format = Weights::bf16;
  int width = 0;  // outputs, padded to whole tiles
  int inputs = 0; // padded to whole units
  Stripes stripes{};
  DeviceBuffer packed, scales, counts; // counts: [tile], parts of a sum

  size_t packed_bytes() const { return static_cast<size_t>(stripes.units()) * format_stage(format); }
};

struct Layer {
  Matrix qkv, out, gate_up, down;
  DeviceBuffer attention_norm, feed_forward_norm, qkv_bias, out_bias, q_norm, k_norm;
};

// Derived from the config once: what everything else needs to know about the shape.
struct Shape {
  explicit Shape(const jc_model_config& c);
  int k_offset, v_offset, qkv_outputs; // rows of the fused matrix, each part rounded up to 16
  int gate_up_outputs;                 // half of a tile each
  int query_width;                     // heads * head_dim
  Weights format, output_format;       // of the layers; of the output matrix (never four bits: it costs too much accuracy)
  int most_rows;                       // of a pass
};

// The device's own time for a call, where it was asked for.
struct Stopwatch {
  cudaEvent_t begin = nullptr, end = nullptr;
  bool on = false;
  ~Stopwatch();
  void start(cudaStream_t stream);
  void mark(cudaStream_t stream) { if (on) cudaEventRecord(end, stream); } // after the last thing that counts
  uint64_t nanoseconds();
};

constexpr int kMostInFlight = 8; // passes between two waits

// Recorded passes, by what they were recorded for (decoder.cu).
struct Graphs {
  struct Entry {
    int uses = 0;
    cudaGraphExec_t exec = nullptr;
  };
  std::map<std::string, Entry> entries;
  ~Graphs();
  void clear();
};

struct Session {
  jc_model* model;
  int capacity;
  DeviceBuffer keys, values;
  DeviceBuffer drafted; // [kept_rows][tokens], float64: what its last draft was drawn from
  int kept_rows = 0;
  std::vector<std::unique_ptr<Session>> others; // of ranks 1 and up: their heads

  const Session& of(int rank) const { return rank ? *others[rank - 1] : *this; }
};

struct Group; // group.hpp
class FastPrefill; // fast_prefill.hpp

} // namespace jc

struct jc_session : jc::Session {};

// One rank of a model, which may be all of it.
struct jc_model {
  jc_model_config config; // the rank's own heads and columns
  jc_model_config whole;
  jc_shard shard;
  jc::Shape shape;
  std::shared_ptr<jc::Group> owned; // of rank 0 of several
  jc::Group* group = nullptr;       // null where there is one rank
  jc::Link link{};
  bool serial = false;              // no kernel starts before the one before it has ended
  bool at_once = false;             // passes are recorded the first time they come
  std::vector<float> inverse_frequencies;
  int blocks = 0; // of every product: one a multiprocessor
  bool portable = false;
  bool finished = false;
  bool lost = false; // the device failed under this model
  std::mutex mutex;
  cudaStream_t stream = nullptr;

  std::vector<jc::Layer> layers;
  jc::DeviceBuffer embedding, final_norm;
  int embedding_source = JC_SOURCE_BF16; // enum jc_source
  jc::Matrix output;
  std::set<std::pair<int, int>> given; // tensor, layer

  std::map<int, jc::DeviceBuffer> terms;
  int next_term = 1;
  std::set<jc_session*> sessions;

  // working memory of a pass
  jc::DeviceBuffer table, frequencies, rotations, residual, squares, normed, attended, gated, queries, parts, partial, partial_max, term_list, stats, results, slice_top, layer_rows,
      upload;
  jc::PinnedBuffer tables_host, term_list_host, results_host;
  int tables_used = 0;
  jc::Graphs graphs;
  jc::Stopwatch stopwatch;
  jc::Rounds rounds;
  std::shared_ptr<jc::FastPrefill> fast; // where prompts are read fast
  jc_runner runner{};

  explicit jc_model(const jc_model_config& c) : config(c), whole(c), shard(jc_shard_of(&c, 0, 1)), shape(c) {}
  ~jc_model();
};

namespace jc {

void check_config(const jc_model_config& config);
uint64_t model_bytes(const jc_model_config& config);
uint64_t session_bytes(const jc_model_config& config, int capacity);
uint64_t rank_bytes(const jc_model_config& whole, int ranks);
uint64_t rank_session_bytes(const jc_model_config& whole, int ranks, int capacity);
jc_model* create_model(const jc_model_config& config);
// What making a model is made of: its device and how kernels run there; then, with a stream, memory for everything.
void choose_device(jc_model& model);
void furnish(jc_model& model);
void put_tensor(jc_model& model, int tensor, int layer, int source, const void* data, int64_t rows, int64_t cols);
void synthesize(jc_model& model, uint64_t seed);
void finish_model(jc_model& model);
uint64_t packed_copy(jc_model& model, int tensor, int layer, void* out);
jc_session* create_session(jc_model& model, int capacity);

void forward(jc_model& model, const jc_pass* passes, int count, const jc_outputs& outputs, const volatile int32_t* abort);
void propose(jc_model& model, const jc_pass& pass, jc_propose& propose, const volatile int32_t* abort);
void verify(jc_model& model, const jc_pass& pass, const jc_outputs& outputs, jc_verify& verify, const volatile int32_t* abort);
void kept_probs(jc_model& model, const jc_session& session, int rows, double* probs);

} // namespace jc
