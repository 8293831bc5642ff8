;; The sums of a fit: float32 rows, float64 sums and weights. n is a multiple of 4.
(module
  (import "env" "memory" (memory 1 65536))

  ;; sum of x[i] * w[i]
  (func (export "dot") (param $x i32) (param $w i32) (param $n i32) (result f64)
    (local $end i32) (local $v v128) (local $a v128) (local $b v128)
    (local.set $end (i32.add (local.get $x) (i32.shl (local.get $n) (i32.const 2))))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $x) (local.get $end)))
      (local.set $v (v128.load (local.get $x)))
      (local.set $a (f64x2.add (local.get $a)
        (f64x2.mul (f64x2.promote_low_f32x4 (local.get $v)) (v128.load (local.get $w)))))
      (local.set $b (f64x2.add (local.get $b)
        (f64x2.mul
          (f64x2.promote_low_f32x4
            (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $v) (local.get $v)))
          (v128.load offset=16 (local.get $w)))))
      (local.set $x (i32.add (local.get $x) (i32.const 16)))
      (local.set $w (i32.add (local.get $w) (i32.const 32)))
      (br $next)))
    (local.set $a (f64x2.add (local.get $a) (local.get $b)))
    (f64.add (f64x2.extract_lane 0 (local.get $a)) (f64x2.extract_lane 1 (local.get $a))))

  ;; g[i] += a * x[i]
  (func (export "addScaled") (param $g i32) (param $x i32) (param $a f64) (param $n i32)
    (local $end i32) (local $v v128) (local $s v128)
    (local.set $s (f64x2.splat (local.get $a)))
    (local.set $end (i32.add (local.get $x) (i32.shl (local.get $n) (i32.const 2))))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $x) (local.get $end)))
      (local.set $v (v128.load (local.get $x)))
      (v128.store (local.get $g) (f64x2.add (v128.load (local.get $g))
        (f64x2.mul (local.get $s) (f64x2.promote_low_f32x4 (local.get $v)))))
      (v128.store offset=16 (local.get $g) (f64x2.add (v128.load offset=16 (local.get $g))
        (f64x2.mul (local.get $s)
          (f64x2.promote_low_f32x4
            (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $v) (local.get $v))))))
      (local.set $x (i32.add (local.get $x) (i32.const 16)))
      (local.set $g (i32.add (local.get $g) (i32.const 32)))
      (br $next))))

  ;; s[i] += (x[i] - mean[i])^2
  (func (export "addSquares") (param $s i32) (param $x i32) (param $mean i32) (param $n i32)
    (local $end i32) (local $v v128) (local $d v128)
    (local.set $end (i32.add (local.get $x) (i32.shl (local.get $n) (i32.const 2))))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $x) (local.get $end)))
      (local.set $v (v128.load (local.get $x)))
      (local.set $d (f64x2.sub (f64x2.promote_low_f32x4 (local.get $v)) (v128.load (local.get $mean))))
      (v128.store (local.get $s)
        (f64x2.add (v128.load (local.get $s)) (f64x2.mul (local.get $d) (local.get $d))))
      (local.set $d (f64x2.sub
        (f64x2.promote_low_f32x4
          (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $v) (local.get $v)))
        (v128.load offset=16 (local.get $mean))))
      (v128.store offset=16 (local.get $s)
        (f64x2.add (v128.load offset=16 (local.get $s)) (f64x2.mul (local.get $d) (local.get $d))))
      (local.set $x (i32.add (local.get $x) (i32.const 16)))
      (local.set $s (i32.add (local.get $s) (i32.const 32)))
      (local.set $mean (i32.add (local.get $mean) (i32.const 32)))
      (br $next))))

  ;; x[i] = (x[i] - mean[i]) * inverse[i], rounded to float32
  (func (export "standardise") (param $x i32) (param $mean i32) (param $inverse i32) (param $n i32)
    (local $end i32) (local $v v128) (local $low v128) (local $high v128)
    (local.set $end (i32.add (local.get $x) (i32.shl (local.get $n) (i32.const 2))))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $x) (local.get $end)))
      (local.set $v (v128.load (local.get $x)))
      (local.set $low (f32x4.demote_f64x2_zero (f64x2.mul
        (f64x2.sub (f64x2.promote_low_f32x4 (local.get $v)) (v128.load (local.get $mean)))
        (v128.load (local.get $inverse)))))
      (local.set $high (f32x4.demote_f64x2_zero (f64x2.mul
        (f64x2.sub
          (f64x2.promote_low_f32x4
            (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $v) (local.get $v)))
          (v128.load offset=16 (local.get $mean)))
        (v128.load offset=16 (local.get $inverse)))))
      (v128.store (local.get $x)
        (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $low) (local.get $high)))
      (local.set $x (i32.add (local.get $x) (i32.const 16)))
      (local.set $mean (i32.add (local.get $mean) (i32.const 32)))
      (local.set $inverse (i32.add (local.get $inverse) (i32.const 32)))
      (br $next))))
)
