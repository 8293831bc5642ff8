// Numbers as the caller has them.
#pragma once
#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include "../include/judge_cuda.h"
#include "kernels.hpp"

namespace jc {

// Value `i` of a tensor of type `type` (enum jc_source).
__device__ __forceinline__ float source_value(const void* source, int type, size_t i) {
  if (type == JC_SOURCE_BF16) return __bfloat162float(static_cast<const __nv_bfloat16*>(source)[i]);
  if (type == JC_SOURCE_F16) return __half2float(static_cast<const __half*>(source)[i]);
  return static_cast<const float*>(source)[i];
}

} // namespace jc
