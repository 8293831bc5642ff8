// cuBLASLt, for prompts that are read fast. Found at run time; nothing else needs it, nothing is linked to it.
#pragma once
#include <cuda_runtime.h>

#include <cstddef>
#include <memory>

namespace jc {

class MatrixLibrary {
 public:
  static constexpr size_t kWorkspace = 64 << 20; // bytes of device memory it is lent

  virtual ~MatrixLibrary() = default;
  // In the stream: out[rows, outputs] = x[rows, inputs] times the transpose of weights[outputs, inputs]. bf16 to float32, sums in float32.
  virtual void multiply(const void* weights, const void* x, float* out, int rows, int outputs, int inputs, void* workspace, cudaStream_t stream) = 0;
};

// The library's version as it says it: 130002 is 13.0.2. Throws what is missing.
int cublaslt_version();
// For the device that is chosen. Throws what is missing.
std::unique_ptr<MatrixLibrary> cublaslt();

} // namespace jc
