// Products of 16-bit weights and of blocks against sums in float64 of the same weights and rows.
#include <cmath>
#include <cstring>

#include "../../native/src/source.cuh"
#include "checks.hpp"
#include "tiny_model.hpp"

#include "../../native/src/memory.hpp"

namespace {

using namespace jc;

// The largest distance from float64, in parts of what rounding float32 sums of these terms can come to.
double product_error(Weights format, int source, int rows, bool portable) {
  const int outputs = 300, inputs = 224, depth = format_depth(format);
  Numbers n(rows);
  std::vector<float> weights(static_cast<size_t>(outputs) * inputs);
  std::vector<uint8_t> data(source_bytes(source, weights.size()));
  for (size_t i = 0; i < data.size(); i++) data[i] = static_cast<uint8_t>(n.below(256));
  if (source >= JC_SOURCE_Q8_0)
    for (size_t b = 0; b < weights.size() / 32; b++) data[b * block_bytes(source)] = static_cast<uint8_t>(n.below(256)), data[b * block_bytes(source) + 1] = static_cast<uint8_t>(0x2c + n.below(4));
  else
    for (size_t i = 0; i < weights.size(); i++) data[2 * i + 1] = static_cast<uint8_t>((data[2 * i + 1] & 0x83) | 0x2c);
  for (size_t i = 0; i < weights.size(); i++) weights[i] = source_value(data.data(), source, i);

  Stripes stripes{2, (inputs + depth - 1) / depth, 3};
  DeviceBuffer given(data.size(), "a check"), packed(static_cast<size_t>(stripes.units()) * format_stage(format), "a check");
  std::memcpy(given.as<void>(), data.data(), data.size());
  std::memset(packed.as<void>(), 0, packed.bytes());
  PackArgs pack{};
  pack.source = given.as<void>(), pack.source_type = source, pack.rows = outputs, pack.cols = pack.all_cols = inputs, pack.run = 1 << 30, pack.per_tile = stripes.per_tile;
  pack.packed = packed.as<uint8_t>();
  run_pack(format, pack, nullptr);

  const int row_blocks = row_blocks_for(rows), padded = round_up(inputs, depth), most = stripes.most_parts();
  DeviceBuffer activations(static_cast<size_t>(row_blocks) * 8 * padded * 2, "a check"), parts(static_cast<size_t>(most) * rows * 512 * 4, "a check");
  std::memset(activations.as<void>(), 0, activations.bytes());
  std::vector<float> x(static_cast<size_t>(rows) * inputs);
  for (int r = 0; r < rows; r++)
    for (int k = 0; k < inputs; k++) {
      const __nv_bfloat16 v = __float2bfloat16(static_cast<float>(n.uniform() - 0.5));
      x[static_cast<size_t>(r) * inputs + k] = __bfloat162float(v);
      activations.as<__nv_bfloat16>()[activation_index(row_blocks, r, k)] = v;
    }
  ProductArgs p{};
  p.weights = packed.as<uint8_t>(), p.activations = activations.as<uint8_t>(), p.parts = parts.as<float>(), p.part_stride = static_cast<size_t>(rows) * 512;
  p.width = 512, p.rows = rows, p.stripes = stripes;
  run_product(format, p, Stream{nullptr, portable, 3, true});

  double worst = 0;
  for (int r = 0; r < rows; r++)
    for (int o = 0; o < outputs; o++) {
      double sum = 0, size = 0, got = 0;
      for (int k = 0; k < inputs; k++) {
        const double term = static_cast<double>(weights[static_cast<size_t>(o) * inputs + k]) * x[static_cast<size_t>(r) * inputs + k];
        sum += term, size += std::fabs(term);
      }
      for (int part = 0; part < stripes.parts(o / 256); part++) got += parts.as<float>()[part * p.part_stride + static_cast<size_t>(r) * 512 + o];
      worst = std::fmax(worst, std::fabs(got - sum) / size);
    }
  return worst;
}

} // namespace

void check_blocks() {
  const struct { const char* name; Weights format; int source; } cases[] = {
      {"fp16", Weights::fp16, JC_SOURCE_F16}, {"q8_0 of Q8_0", Weights::q8_0, JC_SOURCE_Q8_0}, {"q8_0 of Q4_0", Weights::q8_0, JC_SOURCE_Q4_0}, {"q4_0 of Q4_0", Weights::q4_0, JC_SOURCE_Q4_0}};
  for (const auto& c : cases)
    for (const int rows : {1, 26, 64, 128}) {
      if (rows > most_rows_of(c.format)) continue;
      for (const bool portable : {false, true}) {
        const double error = product_error(c.format, c.source, rows, portable);
        char text[160];
        std::snprintf(text, sizeof text, "product: %s%s, %d rows: off by %.1e of its terms", c.name, portable ? " (portable)" : "", rows, error);
        expect(error < 2e-6, text); // float32 sums of 224 terms; bf16 weights would be off by 1e-3
      }
    }
}
