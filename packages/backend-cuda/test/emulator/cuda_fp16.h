#pragma once
#include "cuda_runtime.h"

struct __half { uint16_t bits; };
struct __half2 { __half x, y; };

inline float __half2float(__half v) {
  const int exponent = v.bits >> 10 & 31, fraction = v.bits & 1023;
  const float size = exponent == 31 ? (fraction ? NAN : INFINITY) : exponent ? std::ldexp(1024.f + fraction, exponent - 25) : std::ldexp(static_cast<float>(fraction), -24);
  return v.bits & 0x8000 ? -size : size;
}
inline __half __float2half(float v) { // to the nearest, ties to even
  const uint16_t sign = __float_as_uint(v) >> 16 & 0x8000;
  const float size = std::fabs(v);
  if (!(size < 65520.f)) return {static_cast<uint16_t>(sign | (size != size ? 0x7fff : 0x7c00))};
  int exponent = 0;
  std::frexp(size, &exponent); // size = [0.5, 1) 2^exponent
  if (size == 0 || exponent < -13) return {static_cast<uint16_t>(sign | static_cast<int>(std::nearbyint(std::ldexp(size, 24))))};
  // a fraction that rounds up to 2048 goes over into the exponent by itself
  return {static_cast<uint16_t>(sign | (((exponent + 14) << 10) + static_cast<int>(std::nearbyint(std::ldexp(size, 11 - exponent))) - 1024))};
}
inline __half2 __halves2half2(__half x, __half y) { return {x, y}; }
inline float2 __half22float2(__half2 v) { return {__half2float(v.x), __half2float(v.y)}; }
