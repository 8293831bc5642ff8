// The runtime: device memory is the host's, every stream does its work at once, a graph is a list of work. Memory ends where
// a page ends, and the page behind it can't be touched: who reads past a buffer's last 16 bytes ends the process.
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <map>
#include <mutex>
#include <vector>

#include "cuda_runtime.h"

struct EmulatedGraph {
  std::vector<std::function<void()>> work;
};
struct EmulatedStream {
  EmulatedGraph* recorded = nullptr;
};
struct EmulatedEvent {
  std::chrono::steady_clock::time_point at;
};

namespace {

long setting(const char* name, long otherwise) {
  const char* v = std::getenv(name);
  return v ? std::atol(v) : otherwise;
}
const long kDevices = setting("JC_EMULATED_DEVICES", 1), kMultiprocessors = setting("JC_EMULATED_MULTIPROCESSORS", 3);
const size_t kMemory = static_cast<size_t>(setting("JC_EMULATED_MEMORY", 4l << 30));

std::mutex lock;
std::map<void*, std::pair<void*, size_t>> blocks; // by pointer: where it is mapped, and how many bytes
size_t in_use = 0;
thread_local cudaError_t last = cudaSuccess;

cudaError_t answer(cudaError_t e) {
  if (e) last = e;
  return e;
}

} // namespace

cudaError_t emulated_enqueue(cudaStream_t stream, std::function<void()> work) {
  if (stream && stream->recorded) stream->recorded->work.push_back(std::move(work));
  else work();
  return cudaSuccess;
}

cudaError_t cudaGetDeviceCount(int* count) { return *count = static_cast<int>(kDevices), cudaSuccess; }
cudaError_t cudaSetDevice(int device) { return answer(device >= 0 && device < kDevices ? cudaSuccess : cudaErrorInvalidDevice); }
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
  if (device < 0 || device >= kDevices) return answer(cudaErrorInvalidDevice);
  *value = attribute == cudaDevAttrMultiProcessorCount ? static_cast<int>(kMultiprocessors) : attribute == cudaDevAttrComputeCapabilityMajor ? 9 : 1000000;
  return cudaSuccess;
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* p, int device) {
  if (device < 0 || device >= kDevices) return answer(cudaErrorInvalidDevice);
  *p = {"Emulated GPU", 9, 0, static_cast<int>(kMultiprocessors), 64};
  return cudaSuccess;
}
cudaError_t cudaDriverGetVersion(int* version) { return *version = 13000, cudaSuccess; }
cudaError_t cudaDeviceCanAccessPeer(int* can, int, int) { return *can = static_cast<int>(setting("JC_EMULATED_PEERS", 1)), cudaSuccess; }
cudaError_t cudaDeviceEnablePeerAccess(int, unsigned) { return cudaSuccess; }
cudaError_t cudaMemGetInfo(size_t* available, size_t* total) {
  std::lock_guard<std::mutex> held(lock);
  return *available = kMemory - in_use, *total = kMemory, cudaSuccess;
}
cudaError_t cudaGetLastError() { return std::exchange(last, cudaSuccess); }
const char* cudaGetErrorString(cudaError_t) { return "an error of the emulated runtime"; }
const char* cudaGetErrorName(cudaError_t) { return "cudaErrorEmulated"; }

cudaError_t cudaMalloc(void** p, size_t bytes) {
  const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE)), rounded = (bytes + 15) / 16 * 16, room = (rounded + page - 1) / page * page;
  std::lock_guard<std::mutex> held(lock);
  if (in_use + bytes > kMemory) return answer(cudaErrorMemoryAllocation);
  auto* mapped = static_cast<unsigned char*>(mmap(nullptr, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  if (mapped == MAP_FAILED) return answer(cudaErrorMemoryAllocation);
  mprotect(mapped + room, page, PROT_NONE);
  *p = mapped + room - rounded;
  std::memset(*p, 0xff, bytes); // what nobody wrote is no number
  blocks[*p] = {mapped, room + page};
  in_use += room;
  return cudaSuccess;
}
cudaError_t cudaFree(void* p) {
  std::lock_guard<std::mutex> held(lock);
  const auto at = blocks.find(p);
  if (at == blocks.end()) return p ? answer(cudaErrorInvalidValue) : cudaSuccess;
  munmap(at->second.first, at->second.second);
  in_use -= at->second.second - static_cast<size_t>(sysconf(_SC_PAGESIZE));
  blocks.erase(at);
  return cudaSuccess;
}
cudaError_t cudaMallocHost(void** p, size_t bytes) { return *p = std::malloc(bytes), *p ? cudaSuccess : answer(cudaErrorMemoryAllocation); }
cudaError_t cudaHostAlloc(void** p, size_t bytes, unsigned) { return cudaMallocHost(p, bytes); }
cudaError_t cudaFreeHost(void* p) { return std::free(p), cudaSuccess; }

cudaError_t cudaMemcpy(void* to, const void* from, size_t bytes, cudaMemcpyKind) { return std::memmove(to, from, bytes), cudaSuccess; }
cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind, cudaStream_t stream) {
  return emulated_enqueue(stream, [=] { std::memmove(to, from, bytes); });
}
cudaError_t cudaMemcpyPeerAsync(void* to, int, const void* from, int, size_t bytes, cudaStream_t stream) { return cudaMemcpyAsync(to, from, bytes, cudaMemcpyDefault, stream); }
cudaError_t cudaMemset(void* to, int value, size_t bytes) { return std::memset(to, value, bytes), cudaSuccess; }
cudaError_t cudaMemsetAsync(void* to, int value, size_t bytes, cudaStream_t stream) {
  return emulated_enqueue(stream, [=] { std::memset(to, value, bytes); });
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) { return *stream = new EmulatedStream, cudaSuccess; }
cudaError_t cudaStreamDestroy(cudaStream_t stream) { return delete stream, cudaSuccess; }
cudaError_t cudaStreamSynchronize(cudaStream_t) { return cudaSuccess; }
cudaError_t cudaStreamQuery(cudaStream_t) { return cudaSuccess; }
cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) { return stream->recorded = new EmulatedGraph, cudaSuccess; }
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) { return *graph = std::exchange(stream->recorded, nullptr), cudaSuccess; }
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* exec, cudaGraph_t graph, unsigned) { return *exec = new EmulatedGraph(*graph), cudaSuccess; }
cudaError_t cudaGraphUpload(cudaGraphExec_t, cudaStream_t) { return cudaSuccess; }
cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t) {
  for (const auto& work : exec->work) work();
  return cudaSuccess;
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) { return delete graph, cudaSuccess; }
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec) { return delete exec, cudaSuccess; }
cudaError_t cudaEventCreate(cudaEvent_t* event) { return *event = new EmulatedEvent, cudaSuccess; }
cudaError_t cudaEventDestroy(cudaEvent_t event) { return delete event, cudaSuccess; }
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t) { return event->at = std::chrono::steady_clock::now(), cudaSuccess; }
cudaError_t cudaEventSynchronize(cudaEvent_t) { return cudaSuccess; }
cudaError_t cudaEventElapsedTime(float* ms, cudaEvent_t begin, cudaEvent_t end) {
  return *ms = std::chrono::duration<float, std::milli>(end->at - begin->at).count(), cudaSuccess;
}

#include "../../native/src/partition.hpp"
namespace jc {
std::vector<std::unique_ptr<Partition>> partitions_of(int, int) { return {}; } // no shares: kernels do not overlap here
} // namespace jc
