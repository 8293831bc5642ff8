// Where packed values lie, and what they stand for, by formulas of their own: the reverse of what lanes read (layout.cuh).
#include <cmath>
#include <cstring>

#include "../../native/src/fast.hpp"
#include "../../native/src/memory.hpp"
#include "../../native/src/source.cuh"
#include "checks.hpp"
#include "tiny_model.hpp"

namespace {

using namespace jc;

uint16_t half_at(const uint8_t* p) {
  uint16_t v;
  std::memcpy(&v, p, 2);
  return v;
}

// Value of [output, input] in a packed matrix of tiles of 256 outputs. Formats with a scale of their own in the unit, and 16 bits.
float unpacked(const std::vector<uint8_t>& packed, Weights f, int inputs, int output, int input) {
  const int depth = format_depth(f), units = (inputs + depth - 1) / depth, in = input % depth;
  const uint8_t* unit = packed.data() + (static_cast<size_t>(output / 256) * units + input / depth) * format_stage(f);
  const int g = output % 8, upper = output % 16 / 8, t = in % 32 / 8, e = in % 8; // of 16 outputs; of 32 inputs
  const auto vector = [&](int v) { return unit + ((output % 256 / 16 * 2 + v) * 32 + 4 * g + t) * 16; };
  if (f == Weights::bf16 || f == Weights::fp16) { // a vector has four inputs: registers are pairs of them, outputs in turn
    const int word = e % 4 / 2 * 2 + upper;
    const uint16_t bits = half_at(vector(e / 4) + word * 4 + e % 2 * 2);
    return f == Weights::bf16 ? __uint_as_float(static_cast<uint32_t>(bits) << 16) : __half2float({bits});
  }
  const int share = scaled_inputs(f);
  const float scale = __half2float({half_at(unit + 16384 + (in / share * 256 + output % 256) * 2)});
  if (f == Weights::q8_0) { // registers of a pair of bytes each: eight of a vector
    const int reg = e / 4 * 4 + e % 4 / 2 * 2 + upper;
    return scale * (vector(in / 32)[reg * 2 + e % 2] - 128);
  }
  // of a vector of 64 inputs, a word has four registers' nibbles: the first of each pair in the lower half
  const int word = in % 64 / 32 * 2 + e / 4, reg = e % 4 / 2 * 2 + upper;
  uint32_t bits;
  std::memcpy(&bits, vector(in / 64) + word * 4, 4);
  return scale * (static_cast<int>(bits >> (4 * (reg + 4 * (e % 2))) & 15) - 8);
}

std::vector<uint8_t> blocks(int type, int count, Numbers& n) {
  std::vector<uint8_t> out;
  for (int b = 0; b < count; b++) {
    const uint16_t scale = static_cast<uint16_t>(0x2000 + n.below(0x0800)); // 2^-7 to 2^-5
    out.push_back(scale & 255), out.push_back(scale >> 8);
    for (int i = 0; i < block_bytes(type) - 2; i++) out.push_back(static_cast<uint8_t>(n.below(256)));
  }
  return out;
}

// Matrices that hold every number of a format, with scales of one: packed and taken out again, are they what they were?
bool comes_back(Weights f) {
  const int outputs = 256, inputs = 256, depth = format_depth(f);
  const auto number = [&](int i) {
    if (f == Weights::int4) return static_cast<float>(i % 16 - 8);
    if (f == Weights::int8) return static_cast<float>(i % 255 - 127);
    const int code = i % 127, exponent = code >> 3, fraction = code & 7; // of e4m3, without the sign and the code that is no number
    const float size = exponent ? std::ldexp(static_cast<float>(8 + fraction), exponent - 10) : std::ldexp(static_cast<float>(fraction), -9);
    return i / 127 % 2 ? -size : size;
  };
  DeviceBuffer given(outputs * inputs * 2, "a check"), scales(outputs * 4, "a check"), out(outputs * inputs * 2, "a check");
  for (int r = 0; r < outputs; r++) // a row's numbers begin where its own number says; the largest is among every 128
    for (int k = 0; k < inputs; k++) given.as<__nv_bfloat16>()[r * inputs + k] = __float2bfloat16(k % 128 == 0 ? (f == Weights::int4 ? -8.f : f == Weights::int8 ? 127.f : 448.f) : number(r * 7 + k));
  DeviceBuffer packed(static_cast<size_t>(inputs / depth) * format_stage(f), "a check");
  std::memset(packed.as<void>(), 0, packed.bytes());
  PackArgs pack{};
  pack.source = given.as<void>(), pack.source_type = JC_SOURCE_BF16, pack.rows = outputs, pack.cols = pack.all_cols = inputs, pack.run = 1 << 30, pack.per_tile = inputs / depth;
  pack.packed = packed.as<uint8_t>(), pack.scales = scales.as<float>();
  run_pack(f, pack, nullptr);
  run_unpack(f, UnpackArgs{packed.as<uint8_t>(), scales.as<float>(), 1, inputs / depth, out.as<__nv_bfloat16>()}, nullptr);
  for (int i = 0; i < outputs * inputs; i++)
    if (__bfloat162float(out.as<__nv_bfloat16>()[i]) != __bfloat162float(given.as<__nv_bfloat16>()[i])) return false;
  return true;
}

} // namespace

void check_packing() {
  expect(comes_back(Weights::int8), "packing: every number of int8 comes back");
  expect(comes_back(Weights::int4), "packing: every number of int4 comes back");
  expect(comes_back(Weights::fp8), "packing: every number of fp8 comes back");
  const int rows = 96, cols = 160; // of the down matrix: neither whole tiles nor whole units
  const struct { const char* name; int weights, source; } cases[] = {
      {"float16 as fp16", JC_F16, JC_SOURCE_F16}, {"bfloat16 as bf16", JC_BF16, JC_SOURCE_BF16}, {"Q8_0 as q8_0", JC_Q8_0, JC_SOURCE_Q8_0}, {"Q4_0 as q8_0", JC_Q8_0, JC_SOURCE_Q4_0}, {"Q4_0 as q4_0", JC_Q4_0, JC_SOURCE_Q4_0}};
  for (const auto& c : cases) {
    TinyModel model(c.weights);
    Numbers n(c.weights + 10 * c.source);
    std::vector<uint8_t> data;
    if (c.source >= JC_SOURCE_Q8_0) data = blocks(c.source, rows * cols / 32, n);
    else
      for (int i = 0; i < rows * cols; i++) {
        uint16_t v = static_cast<uint16_t>(n.below(0x10000));
        if (c.source == JC_SOURCE_F16 && (v & 0x7c00) == 0x7c00) v &= 0x83ff; // finite; numbers below the normal ones among them
        if (c.source == JC_SOURCE_BF16) v = static_cast<uint16_t>((v & 0x80ff) | 0x3c00);
        data.push_back(v & 255), data.push_back(v >> 8);
      }
    model.put(JC_DOWN, 1, c.source, data.data(), rows, cols);
    const std::vector<uint8_t> packed = model.packed(JC_DOWN, 1);
    bool same = true;
    for (int r = 0; r < rows; r++)
      for (int k = 0; k < cols; k++) same = same && unpacked(packed, static_cast<Weights>(c.weights), cols, r, k) == source_value(data.data(), c.source, static_cast<size_t>(r) * cols + k);
    expect(same, std::string("packing: ") + c.name + ": every value as stored");
  }
}
