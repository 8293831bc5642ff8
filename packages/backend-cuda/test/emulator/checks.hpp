// What the checks of kernels share: each prints a line for what it looked at, and the program ends with how many failed.
#pragma once
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

struct Numbers { // of a generator that is the same everywhere
  uint64_t state;
  explicit Numbers(uint64_t seed) : state(seed * 0x9e3779b97f4a7c15ull + 1) {}
  uint32_t bits() {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return static_cast<uint32_t>(state >> 33);
  }
  double uniform() { return bits() / 2147483648.0; }
  int below(int n) { return static_cast<int>(uniform() * n); }
};

void expect(bool is, const std::string& what);

void check_cuts();
void check_rounds();
void check_packing();
void check_widths();
void check_blocks();
void check_ranks();
void check_fast();
