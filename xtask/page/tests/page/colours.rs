//! The colours of the lanes: everybody can tell them from the background and from each other, in light
//! and in dark, also those who see fewer colours.

const STYLE: &str = include_str!("../../src/page.css");

/// Red, green and blue, linear in light.
type Light = [f64; 3];

/// The values of `--c0` to `--c6` and of `--card`, light and dark.
fn schemes() -> [(Vec<Light>, Light); 2] {
    let values = |name: &str| -> [Light; 2] {
        let all: Vec<Light> = STYLE
            .match_indices(&format!("--{name}: #"))
            .map(|(place, found)| light(&STYLE[place + found.len()..]))
            // A third one, if there is, is paper's.
            .take(2)
            .collect();
        all.try_into().expect("one value for light and one for dark")
    };
    let colours: Vec<[Light; 2]> = (0..7).map(|n| values(&format!("c{n}"))).collect();
    let card = values("card");
    [0, 1].map(|scheme| (colours.iter().map(|colour| colour[scheme]).collect(), card[scheme]))
}

/// From sRGB (IEC 61966-2-1), `#fff` or `#ffffff`.
fn light(text: &str) -> Light {
    let digits: String = text.chars().take_while(char::is_ascii_hexdigit).collect();
    let size = digits.len() / 3;
    [0, 1, 2].map(|n| {
        let part = digits[n * size..(n + 1) * size].repeat(3 - size);
        let value = f64::from(u8::from_str_radix(&part, 16).expect("hexadecimal")) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    })
}

/// The contrast ratio of WCAG 2.
fn contrast(a: Light, b: Light) -> f64 {
    let luminance = |[red, green, blue]: Light| 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// What is left of colours for those who lack one of the three kinds of cones (Machado, Oliveira and
/// Fernandes 2009), after what others see.
const EYES: [[[f64; 3]; 3]; 4] = [
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    [
        [0.152_286, 1.052_583, -0.204_868],
        [0.114_503, 0.786_281, 0.099_216],
        [-0.003_882, -0.048_116, 1.051_998],
    ],
    [
        [0.367_322, 0.860_646, -0.227_968],
        [0.280_085, 0.672_501, 0.047_413],
        [-0.011_820, 0.042_940, 0.968_881],
    ],
    [
        [1.255_528, -0.076_749, -0.178_779],
        [-0.078_411, 0.930_809, 0.147_602],
        [0.004_733, 0.691_367, 0.303_900],
    ],
];

fn times(matrix: [[f64; 3]; 3], vector: Light) -> Light {
    matrix.map(|row| row.iter().zip(vector).map(|(a, b)| a * b).sum())
}

/// Where equal distances look equally different: Oklab (Ottosson 2020).
fn oklab(light: Light) -> Light {
    let cones = times(
        [
            [0.412_221_470_8, 0.536_332_536_3, 0.051_445_992_9],
            [0.211_903_498_2, 0.680_699_545_1, 0.107_396_956_6],
            [0.088_302_461_9, 0.281_718_837_6, 0.629_978_700_5],
        ],
        light.map(|value| value.clamp(0.0, 1.0)),
    );
    times(
        [
            [0.210_454_255_3, 0.793_617_785_0, -0.004_072_046_8],
            [1.977_998_495_1, -2.428_592_205_0, 0.450_593_709_9],
            [0.025_904_037_1, 0.782_771_766_2, -0.808_675_766_0],
        ],
        cones.map(f64::cbrt),
    )
}

#[test]
fn each_colour_stands_out_from_the_background() {
    for (colours, card) in schemes() {
        for (n, colour) in colours.into_iter().enumerate() {
            let contrast = contrast(colour, card);
            assert!(contrast >= 3.0, "--c{n}: {contrast:.2} : 1");
        }
    }
}

#[test]
fn everybody_can_tell_the_colours_apart() {
    for (colours, _) in schemes() {
        for (kind, eyes) in EYES.into_iter().enumerate() {
            let seen: Vec<Light> =
                colours.iter().map(|colour| oklab(times(eyes, *colour))).collect();
            for a in 0..seen.len() {
                for b in 0..a {
                    let squares = seen[a].iter().zip(seen[b]).map(|(a, b)| (a - b) * (a - b));
                    let apart = squares.sum::<f64>().sqrt();
                    // A difference of 0.02 is just seen.
                    assert!(apart >= 0.1, "--c{b} and --c{a} to eyes {kind}: {apart:.3}");
                }
            }
        }
    }
}
