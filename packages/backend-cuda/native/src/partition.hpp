// A share of a GPU's multiprocessors for each of several ranks on it: a rank whose kernels wait for the others' must leave
// them room. The driver calls it a green context; it is asked for at run time, for the driver may be older than it.
#pragma once
#include <cuda_runtime.h>

#include <memory>
#include <vector>

namespace jc {

class Partition {
 public:
  virtual ~Partition() = default;
  virtual cudaStream_t make_stream() = 0; // whose kernels keep to the share
  virtual int multiprocessors() const = 0;
};

// `count` equal shares of a device; empty where its driver cannot.
std::vector<std::unique_ptr<Partition>> partitions_of(int device, int count);

} // namespace jc
