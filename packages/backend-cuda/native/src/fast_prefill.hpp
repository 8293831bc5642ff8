// Prompts at the speed of matrix products: whole parts of a text layer by layer through cuBLASLt, its cache like decoding's but not to the bit.
#pragma once
#include <functional>
#include <memory>

#include "cublaslt.hpp"
#include "model.hpp"

namespace jc {

constexpr int kLeastFastRows = 256; // fewer are read as soon by the exact kernels, which do not unpack weights first
constexpr int kFastRowStep = 128;

// What it takes besides the model, by what it is for; bytes.
struct FastSizes {
  int rows; // of a part at most, a multiple of kFastRowStep
  int widest; // outputs of a product
  size_t weights, products, residual, normed, attended, gated, queries, rotations;

  FastSizes(const jc_model_config& config, const Matrix& qkv, const Matrix& out, const Matrix& gate_up, const Matrix& down);
  size_t total() const;
};

// Throws where a model can't be read fast, with what to do.
void check_fast(const jc_model_config& config, int ranks);

class FastPrefill {
 public:
  // `model`: with its matrices in place.
  explicit FastPrefill(const jc_model& model);
  ~FastPrefill();
  FastPrefill(const FastPrefill&) = delete;
  FastPrefill& operator=(const FastPrefill&) = delete;

  // Reads as much of the pass as is worth it, and returns how many rows; nothing of them is left but the cache. `look` is called
  // between layers, while at most two are under way: what it throws ends the reading.
  int read(jc_model& model, const jc_pass& pass, const std::function<void()>& look);

 private:
  FastSizes sizes_;
  std::unique_ptr<MatrixLibrary> library_;
  DeviceBuffer weights_, products_, residual_, normed_, attended_, gated_, queries_, rotations_, tokens_, counts_, workspace_;
  PinnedBuffer tokens_host_;
  cudaEvent_t layers_[2] = {};

  struct Part;
};

} // namespace jc
