#include "partition.hpp"

#include <cuda.h>

#include "fault.hpp"

namespace jc {
#if CUDART_VERSION >= 12050
namespace {

struct Driver {
  decltype(&cuDeviceGet) device_get = nullptr;
  decltype(&cuDeviceGetDevResource) device_resource = nullptr;
  decltype(&cuDevSmResourceSplitByCount) split = nullptr;
  decltype(&cuDevResourceGenerateDesc) describe = nullptr;
  decltype(&cuGreenCtxCreate) create = nullptr;
  decltype(&cuGreenCtxDestroy) destroy = nullptr;
  decltype(&cuGreenCtxStreamCreate) stream = nullptr;
  bool whole = false;

  Driver() {
    whole = find("cuDeviceGet", device_get, 2000) && find("cuDeviceGetDevResource", device_resource) && find("cuDevSmResourceSplitByCount", split) &&
            find("cuDevResourceGenerateDesc", describe) && find("cuGreenCtxCreate", create) && find("cuGreenCtxDestroy", destroy) && find("cuGreenCtxStreamCreate", stream);
  }
  template <typename Function> static bool find(const char* name, Function& function, unsigned version = 12050) {
    void* found = nullptr;
    cudaDriverEntryPointQueryResult result;
    const cudaError_t e = cudaGetDriverEntryPointByVersion(name, &found, version, cudaEnableDefault, &result);
    if (e != cudaSuccess) cudaGetLastError();
    if (e != cudaSuccess || result != cudaDriverEntryPointSuccess) return false;
    function = reinterpret_cast<Function>(found);
    return true;
  }
};

const Driver& driver() {
  static const Driver d;
  return d;
}

class GreenPartition : public Partition {
 public:
  GreenPartition(CUgreenCtx context, int multiprocessors) : context_(context), multiprocessors_(multiprocessors) {}
  ~GreenPartition() override { driver().destroy(context_); }
  cudaStream_t make_stream() override {
    CUstream stream = nullptr;
    if (driver().stream(&stream, context_, CU_STREAM_NON_BLOCKING, 0) != CUDA_SUCCESS) fail(JC_DEVICE, "The GPU failed while making a stream over a share of its multiprocessors.");
    return stream;
  }
  int multiprocessors() const override { return multiprocessors_; }

 private:
  CUgreenCtx context_;
  int multiprocessors_;
};

} // namespace

std::vector<std::unique_ptr<Partition>> partitions_of(int device, int count) {
  std::vector<std::unique_ptr<Partition>> made;
  const Driver& d = driver();
  if (!d.whole) return made;
  CUdevice handle;
  CUdevResource all{};
  if (d.device_get(&handle, device) != CUDA_SUCCESS || d.device_resource(handle, &all, CU_DEV_RESOURCE_TYPE_SM) != CUDA_SUCCESS) return made;
  const unsigned each = all.sm.smCount / count / 8 * 8; // shares are whole eights of multiprocessors
  if (each == 0) return made;
  std::vector<CUdevResource> shares(count);
  unsigned groups = count;
  CUdevResource rest{};
  if (d.split(shares.data(), &groups, &all, &rest, 0, each) != CUDA_SUCCESS || groups < static_cast<unsigned>(count)) return made;
  for (CUdevResource& share : shares) {
    CUdevResourceDesc desc;
    CUgreenCtx context;
    if (d.describe(&desc, &share, 1) != CUDA_SUCCESS || d.create(&context, desc, handle, CU_GREEN_CTX_DEFAULT_STREAM) != CUDA_SUCCESS) return {};
    made.push_back(std::make_unique<GreenPartition>(context, static_cast<int>(share.sm.smCount)));
  }
  return made;
}
#else
// The driver's streams over shares are newer than this toolkit: ranks on one GPU take turns.
std::vector<std::unique_ptr<Partition>> partitions_of(int, int) { return {}; }
#endif

} // namespace jc
