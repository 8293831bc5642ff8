#pragma once
#include <cmath>
#define CUDART_INF_F INFINITY
#define CUDART_INF static_cast<double>(INFINITY)
