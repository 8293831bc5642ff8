// NCCL, for ranks whose GPUs do not reach each other's memory. Found at run time; nothing else needs it, nothing is linked to it.
#pragma once
#include <cuda_runtime.h>

#include <memory>
#include <string>
#include <vector>

namespace jc {

class Nccl {
 public:
  virtual ~Nccl() = default;
  // In the rank's stream, on all ranks alike: the `bytes` at base + rank * bytes of each rank come to all others' same place.
  virtual void gather(int rank, void* base, size_t bytes, cudaStream_t stream) = 0;
  // Ends what waits, for ever. For when a rank has not answered.
  virtual void give_up() = 0;
};

// The library's name where the environment asks for it (JUDGE_CUDA_NCCL: a file, or 1), else empty.
std::string nccl_asked_for();
// Communicators of a rank a device. Throws what is missing, `why` first.
std::unique_ptr<Nccl> nccl_over(const std::vector<int>& devices, const std::string& why);

} // namespace jc
