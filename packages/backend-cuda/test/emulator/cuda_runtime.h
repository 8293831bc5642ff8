// CUDA's words for a C++ compiler: kernels run on the processor, a thread of the GPU as a fiber (simt.hpp). What the engine
// uses of the language and of the runtime, and no more. For tests: it knows nothing of time.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <tuple>

#include "simt.hpp"

#define __host__
#define __device__
#define __global__
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))
#define __shared__ static thread_local // a kernel's blocks run one after the other on the thread that launched it

// --- types ----------------------------------------------------------------------------------------------------------

struct uint2 { uint32_t x, y; };
struct __align__(16) uint4 { uint32_t x, y, z, w; };
struct float2 { float x, y; };
struct __align__(16) float4 { float x, y, z, w; };
inline uint2 make_uint2(uint32_t x, uint32_t y) { return {x, y}; }
inline uint4 make_uint4(uint32_t x, uint32_t y, uint32_t z, uint32_t w) { return {x, y, z, w}; }
inline float2 make_float2(float x, float y) { return {x, y}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }

using std::max;
using std::min;

// Where a thread is: read from its fiber. (Words of the launch's configuration are called the same, so these are no macros.)
template <dim3 simt::Fiber::*Place> struct Coordinates {
  struct X { operator unsigned() const { return (simt::self->*Place).x; } } x;
  struct Y { operator unsigned() const { return (simt::self->*Place).y; } } y;
  struct Z { operator unsigned() const { return (simt::self->*Place).z; } } z;
};
constexpr Coordinates<&simt::Fiber::thread> threadIdx{};
constexpr Coordinates<&simt::Fiber::block> blockIdx{};
constexpr Coordinates<&simt::Fiber::block_size> blockDim{};
constexpr Coordinates<&simt::Fiber::grid_size> gridDim{};

// --- intrinsics -----------------------------------------------------------------------------------------------------

inline void __syncthreads() { simt::block_barrier(0, 0); }
inline int __syncthreads_or(int v) { return simt::block_or(v); }
inline void __syncwarp(unsigned = ~0u) { simt::warp_barrier(); }
inline void __threadfence() {}
[[noreturn]] inline void __trap() { simt::fail("a kernel trapped"); }
template <typename T> T __shfl_sync(unsigned, T v, int from) { return simt::from_lane(v, from & 31); }
template <typename T> T __shfl_xor_sync(unsigned, T v, int mask) { return simt::from_lane(v, (simt::self->lane ^ mask) & 31); }
template <typename T> T __shfl_up_sync(unsigned, T v, int delta) { return simt::from_lane(v, simt::self->lane >= delta ? simt::self->lane - delta : simt::self->lane); }
template <typename T> T __shfl_down_sync(unsigned, T v, int delta) { return simt::from_lane(v, simt::self->lane + delta < 32 ? simt::self->lane + delta : simt::self->lane); }
inline unsigned __ballot_sync(unsigned, bool v) { return simt::ballot(v); }
inline unsigned __match_any_sync(unsigned, int v) { return simt::lanes_with(v); }
inline bool __all_sync(unsigned, bool v) { return simt::ballot(v) == ~0u; }
inline int __popc(unsigned v) { return __builtin_popcount(v); }
inline int __ffs(unsigned v) { return __builtin_ffs(static_cast<int>(v)); }
inline int __clz(int v) { return v ? __builtin_clz(static_cast<unsigned>(v)) : 32; }

template <typename To, typename From> To bits_as(From v) {
  To to;
  std::memcpy(&to, &v, sizeof to);
  return to;
}
inline float __uint_as_float(uint32_t v) { return bits_as<float>(v); }
inline uint32_t __float_as_uint(float v) { return bits_as<uint32_t>(v); }
inline float __int_as_float(int v) { return bits_as<float>(v); }
inline int __float_as_int(float v) { return bits_as<int>(v); }
inline double __longlong_as_double(long long v) { return bits_as<double>(v); }
inline long long __double_as_longlong(double v) { return bits_as<long long>(v); }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fmaf_rn(float a, float b, float c) { return std::fma(a, b, c); }
inline float rsqrtf(float v) { return 1.f / std::sqrt(v); }
inline uint32_t __byte_perm(uint32_t a, uint32_t b, uint32_t select) {
  const uint64_t all = static_cast<uint64_t>(b) << 32 | a;
  uint32_t out = 0;
  for (int i = 0; i < 4; i++) out |= static_cast<uint32_t>(all >> (8 * (select >> (4 * i) & 7)) & 255) << (8 * i);
  return out;
}
template <typename T> T __ldg(const T* p) { return *p; }
template <typename T> T __ldcs(const T* p) { return *p; }
template <typename T, typename V> T atomicAdd(T* p, V v) { return std::exchange(*p, static_cast<T>(*p + v)); }
template <typename T, typename V> T atomicOr(T* p, V v) { return std::exchange(*p, static_cast<T>(*p | v)); }
template <typename T, typename V> T atomicMax(T* p, V v) { return std::exchange(*p, std::max(*p, static_cast<T>(v))); }
template <typename T, typename V> T atomicExch(T* p, V v) { return std::exchange(*p, static_cast<T>(v)); }
inline size_t __cvta_generic_to_shared(const void* p) { return reinterpret_cast<size_t>(p); }

// --- the runtime ----------------------------------------------------------------------------------------------------

enum cudaError_t {
  cudaSuccess = 0, cudaErrorInvalidValue = 1, cudaErrorMemoryAllocation = 2, cudaErrorInitializationError = 3, cudaErrorInsufficientDriver = 35,
  cudaErrorNoDevice = 100, cudaErrorInvalidDevice = 101, cudaErrorNotReady = 600, cudaErrorPeerAccessAlreadyEnabled = 704
};
enum cudaMemcpyKind { cudaMemcpyHostToHost, cudaMemcpyHostToDevice, cudaMemcpyDeviceToHost, cudaMemcpyDeviceToDevice, cudaMemcpyDefault };
enum cudaDeviceAttr { cudaDevAttrMultiProcessorCount, cudaDevAttrComputeCapabilityMajor, cudaDevAttrClockRate, cudaDevAttrMemoryClockRate };
enum cudaFuncAttribute { cudaFuncAttributeMaxDynamicSharedMemorySize };
enum cudaStreamCaptureMode { cudaStreamCaptureModeThreadLocal };
enum { cudaStreamNonBlocking = 1, cudaHostAllocPortable = 1, cudaHostAllocMapped = 2 };
enum cudaLaunchAttributeID { cudaLaunchAttributeProgrammaticStreamSerialization };

using cudaStream_t = struct EmulatedStream*;
using cudaGraph_t = struct EmulatedGraph*;
using cudaGraphExec_t = struct EmulatedGraph*;
using cudaEvent_t = struct EmulatedEvent*;
struct cudaDeviceProp {
  char name[256];
  int major, minor, multiProcessorCount, memoryBusWidth;
};
struct cudaLaunchAttribute {
  cudaLaunchAttributeID id;
  struct { int programmaticStreamSerializationAllowed; } val;
};
struct cudaLaunchConfig_t {
  dim3 gridDim, blockDim;
  size_t dynamicSmemBytes = 0;
  cudaStream_t stream = nullptr;
  cudaLaunchAttribute* attrs = nullptr;
  unsigned numAttrs = 0;
};

cudaError_t cudaGetDeviceCount(int* count);
cudaError_t cudaSetDevice(int device);
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device);
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device);
cudaError_t cudaDriverGetVersion(int* version);
cudaError_t cudaDeviceCanAccessPeer(int* can, int device, int peer);
cudaError_t cudaDeviceEnablePeerAccess(int peer, unsigned flags);
cudaError_t cudaMemGetInfo(size_t* available, size_t* total);
cudaError_t cudaGetLastError();
const char* cudaGetErrorString(cudaError_t e);
const char* cudaGetErrorName(cudaError_t e);
cudaError_t cudaMalloc(void** p, size_t bytes);
cudaError_t cudaFree(void* p);
cudaError_t cudaMallocHost(void** p, size_t bytes);
cudaError_t cudaHostAlloc(void** p, size_t bytes, unsigned flags);
inline cudaError_t cudaHostAlloc(int** p, size_t bytes, unsigned flags) { return cudaHostAlloc(reinterpret_cast<void**>(p), bytes, flags); }
cudaError_t cudaFreeHost(void* p);
cudaError_t cudaMemcpy(void* to, const void* from, size_t bytes, cudaMemcpyKind kind);
cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream = nullptr);
cudaError_t cudaMemcpyPeerAsync(void* to, int device, const void* from, int peer, size_t bytes, cudaStream_t stream);
cudaError_t cudaMemset(void* to, int value, size_t bytes);
cudaError_t cudaMemsetAsync(void* to, int value, size_t bytes, cudaStream_t stream = nullptr);
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags);
cudaError_t cudaStreamDestroy(cudaStream_t stream);
cudaError_t cudaStreamSynchronize(cudaStream_t stream);
cudaError_t cudaStreamQuery(cudaStream_t stream);
cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode);
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph);
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* exec, cudaGraph_t graph, unsigned flags);
cudaError_t cudaGraphUpload(cudaGraphExec_t exec, cudaStream_t stream);
cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream);
cudaError_t cudaGraphDestroy(cudaGraph_t graph);
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec);
cudaError_t cudaEventCreate(cudaEvent_t* event);
cudaError_t cudaEventDestroy(cudaEvent_t event);
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream = nullptr);
cudaError_t cudaEventSynchronize(cudaEvent_t event);
cudaError_t cudaEventElapsedTime(float* ms, cudaEvent_t begin, cudaEvent_t end);
template <typename Kernel> cudaError_t cudaFuncSetAttribute(Kernel, cudaFuncAttribute, int bytes) { return bytes <= 227 * 1024 ? cudaSuccess : cudaErrorInvalidValue; }

// Does it now, or keeps it for the graph that is being recorded.
cudaError_t emulated_enqueue(cudaStream_t stream, std::function<void()> work);

template <typename... Params, typename... Args> cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Params...), Args&&... args) {
  const dim3 grid = config->gridDim, block = config->blockDim;
  const size_t threads = static_cast<size_t>(block.x) * block.y * block.z;
  if (threads == 0 || threads > 1024 || grid.x == 0 || grid.y == 0 || grid.z == 0 || config->dynamicSmemBytes > 227 * 1024) return cudaErrorInvalidValue;
  return emulated_enqueue(config->stream, [=, shared = config->dynamicSmemBytes, given = std::tuple<Params...>(static_cast<Params>(args)...)] {
    simt::run(grid, block, shared, [&] { std::apply(kernel, given); });
  });
}
