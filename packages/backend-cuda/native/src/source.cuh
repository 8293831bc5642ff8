// Numbers as the caller has them.
#pragma once
#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include "../include/judge_cuda.h"
#include "kernels.hpp"

namespace jc {

// GGUF's blocks of 32: a scale, then bytes, or nibbles plus 8 (the first sixteen low, the others high). Rows are whole blocks, so
// value `i` of a tensor is value i % 32 of block i / 32.
JC_BOTH constexpr int block_bytes(int type) { return type == JC_SOURCE_Q8_0 ? 34 : 18; }
__device__ __forceinline__ const uint8_t* block_of(const void* source, int type, size_t i) { return static_cast<const uint8_t*>(source) + i / kBlock * block_bytes(type); }
__device__ __forceinline__ __half block_half(const void* source, int type, size_t i) { return *reinterpret_cast<const __half*>(block_of(source, type, i)); }
__device__ __forceinline__ float block_scale(const void* source, int type, size_t i) { return __half2float(block_half(source, type, i)); }
__device__ __forceinline__ int block_step(const void* source, int type, size_t i) {
  const uint8_t* values = block_of(source, type, i) + 2;
  const int at = i % kBlock;
  if (type == JC_SOURCE_Q8_0) return static_cast<int8_t>(values[at]);
  return (at < 16 ? values[at] & 15 : values[at - 16] >> 4) - 8;
}

// Bytes of `count` values from the start of a block, or of anything else, on.
inline size_t source_bytes(int type, size_t count) { return type >= JC_SOURCE_Q8_0 ? count / kBlock * block_bytes(type) : count * (type == JC_SOURCE_F32 ? 4 : 2); }

// Whether a format holds such blocks as they are.
JC_BOTH constexpr bool carries(Weights f, int type) { return type == JC_SOURCE_Q4_0 ? f == Weights::q8_0 || f == Weights::q4_0 : type == JC_SOURCE_Q8_0 && f == Weights::q8_0; }

// Value `i` of a tensor of type `type` (enum jc_source).
__device__ __forceinline__ float source_value(const void* source, int type, size_t i) {
  if (type == JC_SOURCE_BF16) return __bfloat162float(static_cast<const __nv_bfloat16*>(source)[i]);
  if (type == JC_SOURCE_F16) return __half2float(static_cast<const __half*>(source)[i]);
  if (type >= JC_SOURCE_Q8_0) return block_scale(source, type, i) * block_step(source, type, i);
  return static_cast<const float*>(source)[i];
}

} // namespace jc
