//! The page's own words, in its two languages. What programs report stays as it is.

use xtask::document::Language;

/// All that the page says by itself. In a text, `{}` stands for what comes in its place, and code stands
/// between backticks.
pub struct Words {
    pub lang: &'static str,
    pub skip_to_contents: &'static str,
    pub contents: &'static str,
    pub items: &'static str,
    pub beginning: &'static str,
    pub without_run: &'static str,
    pub key: &'static str,
    pub rounds: &'static str,
    pub program: &'static str,
    pub passed: &'static str,
    pub failed: &'static str,
    pub skipped: &'static str,
    pub when: &'static str,
    pub processor: &'static str,
    pub cores: &'static str,
    pub system: &'static str,
    pub compiler: &'static str,
    pub beside: &'static str,
    pub fan_out: &'static str,
    pub item: &'static str,
    pub ran_for: &'static str,
    pub above: &'static str,
    pub proofs: &'static str,
    pub notes: &'static str,
    pub mended: &'static str,
    pub checks: &'static str,
    pub verdict: &'static str,
    pub claim: &'static str,
    pub found: &'static str,
    pub expected: &'static str,
    pub step: &'static str,
    pub cannot_show: &'static str,
    pub not_there: &'static str,
    pub files: &'static str,
    pub previous: &'static str,
    pub next: &'static str,
    pub made_by: &'static str,
    pub labels: &'static str,
    pub other_labels: &'static str,
    pub zoom: &'static str,
    pub who_ran_when: &'static str,
    pub more_lanes: &'static str,
    pub span: &'static str,
    pub cells: &'static str,
    pub shades: [&'static str; 4],
    pub as_table: &'static str,
    pub lane_heads: [&'static str; 6],
}

/// The words of a language.
pub fn words(language: Language) -> &'static Words {
    match language {
        Language::En => &ENGLISH,
        Language::Ko => &KOREAN,
    }
}

/// `text` with `values` in the places of its `{}`.
pub fn fill(text: &str, values: &[&str]) -> String {
    let mut values = values.iter();
    let mut filled = String::new();
    for (index, part) in text.split("{}").enumerate() {
        if index > 0 {
            filled.push_str(values.next().copied().unwrap_or_default());
        }
        filled.push_str(part);
    }
    filled
}

const ENGLISH: Words = Words {
    lang: "en",
    skip_to_contents: "To the contents",
    contents: "Contents",
    items: "Items",
    beginning: "Beginning",
    without_run: "This page shows the texts alone, with the outputs that stand in them. \
                  `cargo xtask report` makes it with a run of this machine.",
    key: "**How to read it.** In each chapter stands what its program found when this page was made. In bold: \
          a fact, which `cargo xtask verify` checks. In lighter type: a figure, which depends on the machine \
          and is never checked; *best of 5* is the best of five rounds of the program itself. In italics: a \
          setting, what the run was asked for. In a picture each lane is a thread, a task or a child process, \
          and each bar a piece of its work. Point at a bar to see what it is. Point at a figure, or reach it \
          with the Tab key, to see its exact value.",
    rounds: "Rust and Python ran by turns, {} times each. Their figures are the best of these rounds; `×` and \
             `÷` tell how many times Rust's figure, or which part of it, Python's is.",
    program: "Instead of the item's own program ran `{}`. The text below is about the item's own.",
    passed: " passed",
    failed: " failed",
    skipped: " skipped",
    when: "When",
    processor: "Processor",
    cores: "Cores",
    system: "System",
    compiler: "Compiler",
    beside: "Beside it",
    fan_out: "Items 56 to 60 beside each other",
    item: "Item {}: ",
    ran_for: "ran for {}",
    above: "It stands in the run above.",
    proofs: "Proofs, for the judge: {}",
    notes: "notes: {}",
    mended: "mended: ",
    checks: "Checks",
    verdict: "verdict",
    claim: "claim, and why it must hold",
    found: "found",
    expected: "expected",
    step: "step",
    cannot_show: "This machine can't show it: {}",
    not_there: "not there",
    files: "The files of this item",
    previous: "Previous: ",
    next: "Next: ",
    made_by: "Made by `cargo xtask report`.",
    labels: "Labels",
    other_labels: " other labels",
    zoom: "To zoom in: `cargo xtask trace {}` writes the same for a viewer that zooms.",
    who_ran_when: "Who ran when in {}: the table below has it in words",
    more_lanes: "… and {} more",
    span: "{} · {} · from {} · {} long",
    cells: "{} · {} · from {} to {} · {}",
    shades: ["hardly busy", "about half busy", "mostly busy", "busy"],
    as_table: "The lanes as a table",
    lane_heads: ["step", "lane", "spans", "begins", "ends", "inside spans"],
};

const KOREAN: Words = Words {
    lang: "ko",
    skip_to_contents: "차례로 건너뛰기",
    contents: "차례",
    items: "항목",
    beginning: "처음",
    without_run: "이 페이지는 글과 글에 실린 출력만 보여 준다. `cargo xtask report`로 만들면 이 컴퓨터에서 \
                  실행한 결과가 함께 실린다.",
    key: "**읽는 법.** 각 장에는 이 페이지를 만들면서 프로그램을 실행한 결과가 실려 있다. 굵은 글씨는 \
          사실(fact)이며 `cargo xtask verify`가 검사한다. 가는 글씨는 수치(figure)이며 컴퓨터마다 다르므로 \
          검사하지 않는다. *best of 5*는 프로그램이 스스로 다섯 번 재서 고른 가장 좋은 값이라는 뜻이다. \
          기울인 글씨는 설정(setting), 곧 실행할 때 정해 준 값이다. 그림에서는 줄 하나가 레인(lane)이고, 스레드나 \
          태스크나 자식 프로세스 하나를 나타낸다. 막대 하나는 거기서 한 일의 한 토막이다. 막대에 마우스를 올리면 \
          무엇인지 나온다. 수치에 마우스를 올리거나 Tab 키로 옮겨 가면 정확한 값이 나온다.",
    rounds: "Rust와 파이썬을 번갈아 {}번씩 실행했다. 수치는 그 가운데 가장 좋은 값이다. `×`와 `÷`는 파이썬의 \
             수치가 Rust 수치의 몇 배인지, 몇 분의 1인지를 뜻한다.",
    program: "이 항목의 프로그램이 아니라 다른 프로그램(`{}`)을 실행했다. 아래 글은 원래 프로그램에 대한 것이다.",
    passed: " 통과",
    failed: " 실패",
    skipped: " 건너뜀",
    when: "실행한 때",
    processor: "프로세서",
    cores: "코어",
    system: "시스템",
    compiler: "컴파일러",
    beside: "나란히 실행",
    fan_out: "항목 56–60 비교",
    item: "항목 {}: ",
    ran_for: "실행 시간 {}",
    above: "위의 실행 결과에 있다.",
    proofs: "증거(proof), 판정할 때만 쓰는 사실: {}개",
    notes: "노트: {}",
    mended: "고친 방법: ",
    checks: "검사",
    verdict: "판정",
    claim: "주장과 그래야 하는 까닭",
    found: "나온 값",
    expected: "나와야 할 값",
    step: "단계",
    cannot_show: "이 컴퓨터에서는 보여 줄 수 없다: {}",
    not_there: "없음",
    files: "이 항목의 파일",
    previous: "이전: ",
    next: "다음: ",
    made_by: "`cargo xtask report`로 만들었다.",
    labels: "막대의 이름",
    other_labels: "가지 이름 더",
    zoom: "확대해서 보려면: `cargo xtask trace {}` 명령이 같은 내용을 확대할 수 있는 뷰어용으로 저장한다.",
    who_ran_when: "{}에서 누가 언제 돌았는지 보여 주는 그림. 아래 표에 글로 있다",
    more_lanes: "… 그 밖에 레인 {}개",
    span: "{} · {} · {}부터 · {} 동안",
    cells: "{} · {} · {}부터 {}까지 · {}",
    shades: ["거의 비어 있음", "절반쯤 차 있음", "대부분 차 있음", "가득 차 있음"],
    as_table: "표로 본 레인",
    lane_heads: ["단계", "레인", "구간", "시작", "끝", "구간의 합"],
};
