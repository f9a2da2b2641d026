// Inner products of `count` rows of `stride` bytes (a multiple of 64) of f32 with one query, into `out`.
export function scan(rows: usize, count: i32, stride: usize, query: usize, out: usize): void {
  const end = query + stride;
  for (let row = 0; row < count; row++) {
    let a = f32x4.splat(0);
    let b = f32x4.splat(0);
    let c = f32x4.splat(0);
    let d = f32x4.splat(0);
    for (let at = query; at < end; at += 64) {
      a = f32x4.add(a, f32x4.mul(v128.load(rows), v128.load(at)));
      b = f32x4.add(b, f32x4.mul(v128.load(rows, 16), v128.load(at, 16)));
      c = f32x4.add(c, f32x4.mul(v128.load(rows, 32), v128.load(at, 32)));
      d = f32x4.add(d, f32x4.mul(v128.load(rows, 48), v128.load(at, 48)));
      rows += 64;
    }
    const sum = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
    const all = f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3);
    store<f32>(out + (<usize>row << 2), all);
  }
}
