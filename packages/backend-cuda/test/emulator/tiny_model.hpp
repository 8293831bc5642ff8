// A small decoder through the ABI.
#pragma once
#include <cmath>
#include <string>
#include <vector>

#include "../../native/include/judge_cuda.h"
#include "checks.hpp"

struct TinyModel {
  jc_model_config config{};
  std::vector<float> frequencies;
  jc_model* model = nullptr;
  jc_error error{};

  explicit TinyModel(int weights, int flags = 0, int ranks = 1, int fast_rows = 0, int head_dim = 32) {
    describe(weights, flags, head_dim);
    config.fast_rows = fast_rows;
    if (ranks == 1) must(jc_model_create(&config, &model, &error), "a model is made");
    else must(create_over(ranks), "a model over ranks is made");
  }
  struct Refused {
    int code;
    std::string message;
  };
  static Refused refused(int weights, int ranks, int fast_rows = 0) {
    TinyModel m;
    m.describe(weights, 0);
    m.config.fast_rows = fast_rows;
    const int code = ranks == 1 ? jc_model_create(&m.config, &m.model, &m.error) : m.create_over(ranks);
    return {code, m.error.message};
  }
  ~TinyModel() { jc_model_destroy(model); }
  TinyModel(const TinyModel&) = delete;

  void describe(int weights, int flags, int head_dim = 32) {
    config.abi = JC_ABI_VERSION, config.weights = weights, config.flags = flags;
    config.hidden = 96, config.layers = 2, config.heads = 4, config.kv_heads = 2, config.head_dim = head_dim, config.feed_forward = 160;
    config.vocab_rows = 300, config.tokens = 290, config.context = 704, config.norm_epsilon = 1e-5f, config.rope_scale = 1;
    for (int i = 0; i < config.head_dim / 2; i++) frequencies.push_back(std::pow(10000.f, -2.f * i / config.head_dim));
    config.inverse_frequencies = frequencies.data();
  }
  int create_over(int ranks) {
    const std::vector<int32_t> devices(ranks, 0);
    const jc_ranks over{ranks, JC_RANKS_UNCONFINED, 20000, 0, devices.data()};
    return jc_model_create_over(&config, &over, &model, &error);
  }

  void must(int code, const char* what) {
    if (code) expect(false, std::string(what) + ": " + error.message);
  }
  void put(int tensor, int layer, int source, const void* data, int rows, int cols) { must(jc_model_put(model, tensor, layer, source, data, rows, cols, &error), "a tensor is put"); }
  void synthesize() {
    must(jc_model_synthesize(model, 7, &error), "weights are made up");
    must(jc_model_finish(model, &error), "a model is finished");
  }
  jc_session* session() {
    jc_session* s = nullptr;
    must(jc_session_create(model, 256, &s, &error), "a session is opened");
    return s;
  }
  TinyModel() = default;

  std::vector<uint8_t> packed(int tensor, int layer) {
    uint64_t bytes = 0;
    must(jc_debug_packed(model, tensor, layer, nullptr, &bytes, &error), "packed weights are read");
    std::vector<uint8_t> out(bytes);
    must(jc_debug_packed(model, tensor, layer, out.data(), &bytes, &error), "packed weights are read");
    return out;
  }
};
