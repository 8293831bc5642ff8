// How things go wrong on the host side: one exception, turned into the caller's jc_error at the ABI's edge.
#pragma once
#include <cuda_runtime.h>

#include <cstdarg>
#include <cstdio>
#include <string>

#include "../include/judge_cuda.h"

namespace jc {

struct Fault {
  int code;
  std::string message;
};

[[noreturn]] inline void fail(int code, const char* format, ...) {
  char text[sizeof(jc_error::message)];
  va_list args;
  va_start(args, format);
  std::vsnprintf(text, sizeof text, format, args);
  va_end(args);
  throw Fault{code, text};
}

// `doing` completes "The GPU failed while …".
inline void check(cudaError_t e, const char* doing) {
  if (e == cudaSuccess) return;
  cudaGetLastError(); // what is not sticky shall not be found by the next call
  if (e == cudaErrorMemoryAllocation) fail(JC_OUT_OF_MEMORY, "The GPU has too little free memory for %s.", doing);
  if (e == cudaErrorNoDevice || e == cudaErrorInsufficientDriver || e == cudaErrorInitializationError)
    fail(JC_NO_DEVICE, "No GPU can be used (%s): %s.", doing, cudaGetErrorString(e));
  fail(JC_DEVICE, "The GPU failed while %s: %s (%s).", doing, cudaGetErrorString(e), cudaGetErrorName(e));
}

} // namespace jc
