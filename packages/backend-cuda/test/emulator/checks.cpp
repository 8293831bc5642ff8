#include "checks.hpp"

#include <cstring>

namespace {
int failed = 0;
}

void expect(bool is, const std::string& what) {
  std::printf("%s %s\n", is ? "ok  " : "FAIL", what.c_str());
  std::fflush(stdout);
  failed += !is;
}

int main(int count, char** names) {
  const struct { const char* name; void (*check)(); } all[] = {{"cuts", check_cuts}, {"rounds", check_rounds}, {"packing", check_packing}, {"widths", check_widths}, {"blocks", check_blocks}, {"ranks", check_ranks}, {"fast", check_fast}};
  for (const auto& c : all)
    if (count < 2 || std::strcmp(names[1], c.name) == 0) c.check();
  return failed ? 1 : 0;
}
