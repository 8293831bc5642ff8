#pragma once
#include "cuda_runtime.h"

enum { __NV_SATFINITE = 1, __NV_E4M3 = 0 };
inline uint8_t __nv_cvt_float_to_fp8(float v, int, int) { // e4m3, to the nearest, ties to even; 448 at most
  const uint8_t sign = std::signbit(v) ? 0x80 : 0;
  const float size = std::fabs(v);
  if (size != size) return 0x7f;
  if (size >= 448.f) return sign | 0x7e;
  int exponent = 0;
  std::frexp(size, &exponent);
  if (size == 0 || exponent < -5) return static_cast<uint8_t>(sign | static_cast<int>(std::nearbyint(std::ldexp(size, 9))));
  return static_cast<uint8_t>(sign | (((exponent + 6) << 3) + static_cast<int>(std::nearbyint(std::ldexp(size, 4 - exponent))) - 8));
}
