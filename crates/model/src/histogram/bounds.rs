//! Where the buckets of a native histogram begin and end.

use super::{CUSTOM_BUCKETS_SCHEMA, EXPONENTIAL_SCHEMA_MAX, Histogram};

/// One bucket with its bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    /// The lower bound.
    pub lower: f64,
    /// The upper bound.
    pub upper: f64,
    /// The observations between them.
    pub count: f64,
}

impl Bucket {
    /// Which part of the bucket's width lies below `value`, which must be inside
    /// of its bounds: on a straight line, or, for an exponential bucket, on a
    /// logarithmic scale.
    pub fn fraction_below(&self, value: f64, linear: bool) -> f64 {
        if linear {
            return (value - self.lower) / (self.upper - self.lower);
        }
        let (lower, upper) = (self.lower.abs().log2(), self.upper.abs().log2());
        let at = value.abs().log2();
        if value > 0.0 {
            (at - lower) / (upper - lower)
        } else {
            1.0 - (at - upper) / (lower - upper)
        }
    }
}

impl Histogram {
    /// The upper bound of positive bucket `index`; of a negative one, by absolute value.
    pub fn upper_bound(&self, index: i32) -> f64 {
        if self.schema == CUSTOM_BUCKETS_SCHEMA {
            custom_bound(&self.custom_bounds, index)
        } else {
            exponential_bound(index, self.schema)
        }
    }

    /// The zero bucket; empty at 0 for custom buckets.
    pub fn zero_bucket(&self) -> Bucket {
        Bucket { lower: -self.zero_threshold, upper: self.zero_threshold, count: self.zero_count }
    }

    /// The positive buckets, lowest first.
    pub fn positive_buckets(&self) -> impl Iterator<Item = Bucket> + '_ {
        self.positive.iter().map(|(index, count)| Bucket {
            lower: self.upper_bound(index.saturating_sub(1)),
            upper: self.upper_bound(index),
            count,
        })
    }

    /// The negative buckets, the one next to zero first.
    pub fn negative_buckets(&self) -> impl Iterator<Item = Bucket> + '_ {
        self.negative.iter().map(|(index, count)| Bucket {
            lower: -self.upper_bound(index),
            upper: -self.upper_bound(index.saturating_sub(1)),
            count,
        })
    }

    /// All buckets, lowest first: negative, zero (where it counts something),
    /// positive. Buckets that reach into the zero bucket are cut off there.
    pub fn all_buckets(&self) -> Vec<Bucket> {
        let threshold = self.zero_threshold;
        let mut buckets: Vec<Bucket> = self.negative_buckets().collect();
        buckets.reverse();
        if self.zero_count > 0.0 {
            buckets.push(self.zero_bucket());
        }
        buckets.extend(self.positive_buckets());
        for bucket in &mut buckets {
            if bucket.upper < 0.0 && bucket.upper > -threshold {
                bucket.upper = -threshold;
            } else if bucket.lower > 0.0 && bucket.lower < threshold {
                bucket.lower = threshold;
            }
        }
        buckets
    }
}

/// The bound of custom bucket `index`; behind the listed ones lies infinity.
fn custom_bound(bounds: &[f64], index: i32) -> f64 {
    match usize::try_from(index) {
        Err(_) => f64::NEG_INFINITY,
        Ok(index) => bounds.get(index).copied().unwrap_or(f64::INFINITY),
    }
}

/// The upper bound of exponential bucket `index`.
///
/// The highest bucket for finite numbers ends at `f64::MAX`, the one behind it
/// holds the infinite ones (Prometheus, `model/histogram/generic.go`).
pub(super) fn exponential_bound(index: i32, schema: i8) -> f64 {
    let (fraction, exponent) = if schema < 0 {
        (0.5, (i64::from(index) << -schema) + 1)
    } else {
        let step = 1usize << (EXPONENTIAL_SCHEMA_MAX - schema);
        let within = (index & ((1 << schema) - 1)) as usize;
        (FRACTIONS[within * step], i64::from(index >> schema) + 1)
    };
    if fraction == 0.5 && exponent == 1025 {
        return f64::MAX;
    }
    scale_by_power_of_two(fraction, exponent)
}

/// `fraction · 2^exponent`, in steps that neither overflow nor lose bits too early.
fn scale_by_power_of_two(fraction: f64, exponent: i64) -> f64 {
    let mut value = fraction;
    let mut rest = exponent.clamp(-1200, 1200);
    while rest > 1000 {
        value *= 2f64.powi(1000);
        rest -= 1000;
    }
    while rest < -1000 {
        value *= 2f64.powi(-1000);
        rest += 1000;
    }
    value * 2f64.powi(rest as i32)
}

/// `2^(i/256 - 1)` as Prometheus rounds it, which is a few units in the last
/// place below the true number. Coarser schemas use every second, fourth, … of
/// them. Taken over to the bit, so that equal histograms give equal quantiles.
#[rustfmt::skip]
const FRACTIONS: [f64; 256] = [
    0.5, 0.501_355_637_525_101_3, 0.502_714_950_556_401_4, 0.504_077_949_059_208_8,
    0.505_444_643_025_850_2, 0.506_815_042_475_744_7, 0.508_189_157_455_476_4, 0.509_566_998_038_869,
    0.510_948_574_327_058_3, 0.512_333_896_448_567_9, 0.513_722_974_559_381_8, 0.515_115_818_843_020_5,
    0.516_512_439_510_614_2, 0.517_912_846_800_978_6, 0.519_317_050_980_689_4, 0.520_725_062_344_158,
    0.522_136_891_213_706_9, 0.523_552_547_939_644_9, 0.524_972_042_900_343_5, 0.526_395_386_502_313,
    0.527_822_589_180_278_6, 0.529_253_661_397_256_4, 0.530_688_613_644_630_9, 0.532_127_456_442_232_1,
    0.533_570_200_338_411_7, 0.535_016_855_910_120_8, 0.536_467_433_762_987_7, 0.537_921_944_531_395_4,
    0.539_380_398_878_559_8, 0.540_842_807_496_607_5, 0.542_309_181_106_654_5, 0.543_779_530_458_884_7,
    0.545_253_866_332_628_8, 0.546_732_199_536_442_9, 0.548_214_540_908_188_3, 0.549_700_901_315_111,
    0.551_191_291_653_920_4, 0.552_685_722_850_870_6, 0.554_184_205_861_839_3, 0.555_686_751_672_408_8,
    0.557_193_371_297_946_2, 0.558_704_075_783_684_5, 0.560_218_876_204_803_3, 0.561_737_783_666_509_8,
    0.563_260_809_304_120_9, 0.564_787_964_283_144, 0.566_319_259_799_359_5, 0.567_854_707_078_902_6,
    0.569_394_317_378_345_8, 0.570_938_101_984_780_8, 0.572_486_072_215_902, 0.574_038_239_420_089_4,
    0.575_594_614_976_491_3, 0.577_155_210_295_108_1, 0.578_720_036_816_875_4, 0.580_289_106_013_749_3,
    0.581_862_429_388_788_7, 0.583_440_018_476_240_8, 0.585_021_884_841_625, 0.586_608_040_081_818_5,
    0.588_198_495_825_140_6, 0.589_793_263_731_437_9, 0.591_392_355_492_170_4, 0.592_995_782_830_496_8,
    0.594_603_557_501_360_5, 0.596_215_691_291_575_6, 0.597_832_196_019_913_7, 0.599_453_083_537_190_3,
    0.601_078_365_726_351_5, 0.602_708_054_502_561_9, 0.604_342_161_813_290_7, 0.605_980_699_638_400_5,
    0.607_623_679_990_234_4, 0.609_271_114_913_704_1, 0.610_923_016_486_378_6, 0.612_579_396_818_572_5,
    0.614_240_268_053_434_9, 0.615_905_642_367_037_9, 0.617_575_531_968_466_5, 0.619_249_949_099_908_2,
    0.620_928_906_036_742, 0.622_612_415_087_629, 0.624_300_488_594_602_3, 0.625_993_138_933_158_1,
    0.627_690_378_512_345_5, 0.629_392_219_774_858_3, 0.631_098_675_197_125_3, 0.632_809_757_289_403_1,
    0.634_525_478_595_866_6, 0.636_245_851_694_701_4, 0.637_970_889_198_196, 0.639_700_603_752_834_6,
    0.641_435_008_039_389_1, 0.643_174_114_773_012_8, 0.644_917_936_703_332_9, 0.646_666_486_614_544_7,
    0.648_419_777_325_504_8, 0.650_177_821_689_825_3, 0.651_940_632_595_967_9, 0.653_708_222_967_338_5,
    0.655_480_605_762_382_2, 0.657_257_793_974_677_4, 0.659_039_800_633_032, 0.660_826_638_801_578_8,
    0.662_618_321_579_870_6, 0.664_414_862_102_977_2, 0.666_216_273_541_580_5, 0.668_022_569_102_072_7,
    0.669_833_762_026_651_5, 0.671_649_865_593_417_7, 0.673_470_893_116_472_8, 0.675_296_857_946_017_1,
    0.677_127_773_468_446_3, 0.678_963_653_106_450_5, 0.680_804_510_319_112_3, 0.682_650_358_602_005_8,
    0.684_501_211_487_295_3, 0.686_357_082_543_834_2, 0.688_217_985_377_265, 0.690_083_933_630_119,
    0.691_954_940_981_915_9, 0.693_831_021_149_264_5, 0.695_712_187_885_962_9, 0.697_598_454_983_099_9,
    0.699_489_836_269_155_5, 0.701_386_345_610_102_3, 0.703_287_996_909_507_6, 0.705_194_804_108_635_2,
    0.707_106_781_186_547_5, 0.709_023_942_160_207_6, 0.710_946_301_084_582_7, 0.712_873_872_052_747_1,
    0.714_806_669_195_984_9, 0.716_744_706_683_894_3, 0.718_687_998_724_491, 0.720_636_559_564_312_6,
    0.722_590_403_488_523_2, 0.724_549_544_821_017_4, 0.726_513_997_924_526_1, 0.728_483_777_200_721_8,
    0.730_458_897_090_323_4, 0.732_439_372_073_202_9, 0.734_425_216_668_490_8, 0.736_416_445_434_683_7,
    0.738_413_072_969_749_6, 0.740_415_113_911_235_8, 0.742_422_582_936_376_1, 0.744_435_494_762_198_4,
    0.746_453_864_145_632_3, 0.748_477_705_883_617_6, 0.750_507_034_813_212_6, 0.752_541_865_811_703_1,
    0.754_582_213_796_711_2, 0.756_628_093_726_304_8, 0.758_679_520_599_107_1, 0.760_736_509_454_407_1,
    0.762_799_075_372_269, 0.764_867_233_473_643_4, 0.766_940_998_920_477_7, 0.769_020_386_915_828_2,
    0.771_105_412_703_970_4, 0.773_196_091_570_510_7, 0.775_292_438_842_499_9, 0.777_394_469_888_544_2,
    0.779_502_200_118_918_5, 0.781_615_644_985_678_8, 0.783_734_819_982_776_4, 0.785_859_740_646_170_7,
    0.787_990_422_553_943_1, 0.790_126_881_326_412_2, 0.792_269_132_626_246_7, 0.794_417_192_158_581_8,
    0.796_571_075_671_133_4, 0.798_730_798_954_313_5, 0.800_896_377_841_346_5, 0.803_067_828_208_385_3,
    0.805_245_165_974_627, 0.807_428_407_102_430_2, 0.809_617_567_597_431_6, 0.811_812_663_508_664_2,
    0.814_013_710_928_673_8, 0.816_220_725_993_637_5, 0.818_433_724_883_482_1, 0.820_652_723_822_003,
    0.822_877_739_076_982_3, 0.825_108_786_960_308_8, 0.827_345_883_828_096_9, 0.829_589_046_080_807_9,
    0.831_838_290_163_368_1, 0.834_093_632_565_291_1, 0.836_355_089_820_798_1, 0.838_622_678_508_939_1,
    0.840_896_415_253_714_4, 0.843_176_316_724_196_6, 0.845_462_399_634_652_3, 0.847_754_680_744_666_1,
    0.850_053_176_859_261_6, 0.852_357_904_829_025_5, 0.854_668_881_550_231_2, 0.856_986_123_964_962_9,
    0.859_309_649_061_238_7, 0.861_639_473_873_136_8, 0.863_975_615_480_918_5, 0.866_318_091_011_155_3,
    0.868_666_917_636_852_9, 0.871_022_112_577_578, 0.873_383_693_099_584_2, 0.875_751_676_515_938_9,
    0.878_126_080_186_649_5, 0.880_506_921_518_791_7, 0.882_894_217_966_636_1, 0.885_287_987_031_777_1,
    0.887_688_246_263_260_4, 0.890_095_013_257_712, 0.892_508_305_659_467_1, 0.894_928_141_160_700_2,
    0.897_354_537_501_553_3, 0.899_787_512_470_267_2, 0.902_227_083_903_311_5, 0.904_673_269_685_515_5,
    0.907_126_087_750_199_1, 0.909_585_556_079_304, 0.912_051_692_703_526_3, 0.914_524_515_702_448_3,
    0.917_004_043_204_671_1, 0.919_490_293_387_946_7, 0.921_983_284_479_312_8, 0.924_483_034_755_225_3,
    0.926_989_562_541_692_6, 0.929_502_886_214_41, 0.932_023_024_198_894_3, 0.934_549_994_970_619_1,
    0.937_083_817_055_149_8, 0.939_624_509_028_28, 0.942_172_089_516_166_9, 0.944_726_577_195_469_3,
    0.947_287_990_793_482_7, 0.949_856_349_088_277_5, 0.952_431_670_908_836_8, 0.955_013_975_135_194_7,
    0.957_603_280_698_573_5, 0.960_199_606_581_523_6, 0.962_802_971_818_062_2, 0.965_413_395_493_813_3,
    0.968_030_896_746_147_1, 0.970_655_494_764_320_1, 0.973_287_208_789_616_4, 0.975_926_058_115_488_9,
    0.978_572_062_087_699_9, 0.981_225_240_104_463_4, 0.983_885_611_616_587_5, 0.986_553_196_127_616_8,
    0.989_228_013_193_975_2, 0.991_910_082_425_109_5, 0.994_599_423_483_632_8, 0.997_296_056_085_469_8,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_powers_of_the_base() {
        assert_eq!(exponential_bound(0, 0), 1.0);
        assert_eq!(exponential_bound(1, 0), 2.0);
        assert_eq!(exponential_bound(-3, 0), 0.125);
        assert_eq!(exponential_bound(4, 2), 2.0);
        assert_eq!(exponential_bound(1, -2), 16.0);
        assert!((exponential_bound(1, 1) - 2f64.sqrt()).abs() < 1e-15);
        for (i, fraction) in FRACTIONS.iter().enumerate() {
            assert!((fraction - (i as f64 / 256.0 - 1.0).exp2()).abs() < 1e-15);
        }
    }

    #[test]
    fn the_ends_of_the_scale() {
        assert_eq!(exponential_bound(1024, 0), f64::MAX);
        assert_eq!(exponential_bound(1025, 0), f64::INFINITY);
        assert_eq!(exponential_bound(64, -4), f64::MAX);
        assert_eq!(exponential_bound(-1074, 0), f64::from_bits(1));
        assert_eq!(exponential_bound(i32::MIN, -4), 0.0);
        assert_eq!(exponential_bound(i32::MAX, -4), f64::INFINITY);
    }

    #[test]
    fn buckets_that_reach_into_the_zero_bucket_are_cut() {
        let mut histogram = Histogram::new(0);
        histogram.zero_threshold = 1.5;
        histogram.zero_count = 2.0;
        histogram.positive.push(1, 3.0);
        histogram.negative.push(1, 4.0);
        histogram.negative.push(2, 5.0);
        let bucket = |lower, upper, count| Bucket { lower, upper, count };
        assert_eq!(
            histogram.all_buckets(),
            [
                bucket(-4.0, -2.0, 5.0),
                bucket(-2.0, -1.5, 4.0),
                bucket(-1.5, 1.5, 2.0),
                bucket(1.5, 2.0, 3.0),
            ]
        );
    }

    #[test]
    fn custom_bounds_end_in_infinity() {
        let mut histogram = Histogram::new(CUSTOM_BUCKETS_SCHEMA);
        histogram.custom_bounds = vec![1.0, 5.0];
        histogram.positive.push(0, 1.0);
        histogram.positive.push(2, 1.0);
        let buckets = histogram.all_buckets();
        assert_eq!((buckets[0].lower, buckets[0].upper), (f64::NEG_INFINITY, 1.0));
        assert_eq!((buckets[1].lower, buckets[1].upper), (5.0, f64::INFINITY));
    }
}
