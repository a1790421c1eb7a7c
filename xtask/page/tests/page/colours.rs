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
const EYES: [Matrix; 4] = [
    [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
    [0.152, 1.053, -0.205, 0.115, 0.786, 0.099, -0.004, -0.048, 1.052],
    [0.367, 0.861, -0.228, 0.280, 0.673, 0.047, -0.012, 0.043, 0.969],
    [1.256, -0.077, -0.179, -0.078, 0.931, 0.148, 0.005, 0.691, 0.304],
];

/// Row by row.
type Matrix = [f64; 9];

fn times(matrix: Matrix, vector: Light) -> Light {
    [0, 3, 6].map(|row| (0..3).map(|n| matrix[row + n] * vector[n]).sum())
}

/// Where equal distances look equally different: Oklab (Ottosson 2020).
fn oklab(light: Light) -> Light {
    const CONES: Matrix = [
        0.412_221, 0.536_333, 0.051_446, 0.211_903, 0.680_700, 0.107_397, 0.088_302, 0.281_719,
        0.629_979,
    ];
    const LAB: Matrix = [
        0.210_454, 0.793_618, -0.004_072, 1.977_998, -2.428_592, 0.450_594, 0.025_904, 0.782_772,
        -0.808_676,
    ];
    times(LAB, times(CONES, light.map(|value| value.clamp(0.0, 1.0))).map(f64::cbrt))
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
