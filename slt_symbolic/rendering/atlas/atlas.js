// The atlas in a page: formulas evaluated from their MathJSON with exact rationals, search, copying, pictures that turn. No library.
"use strict";

// --- Exact rationals: {n, d} of BigInt, d > 0, in lowest terms.
const gcd = (a, b) => { while (b) [a, b] = [b, a % b]; return a < 0n ? -a : a; };
const ratio = (n, d = 1n) => {
  if (d === 0n) throw new RangeError("division by zero");
  const g = gcd(n, d) * (d < 0n ? -1n : 1n);
  return { n: n / g, d: d / g };
};
const add = (x, y) => ratio(x.n * y.d + y.n * x.d, x.d * y.d);
const times = (x, y) => ratio(x.n * y.n, x.d * y.d);
const less = (x, y) => x.n * y.d < y.n * x.d;
const equal = (x, y) => x.n === y.n && x.d === y.d;
const floor = (x) => ratio((x.n - (((x.n % x.d) + x.d) % x.d)) / x.d);
const power = (x, k) => {
  if (k.d !== 1n) throw new RangeError("a power that is no integer");
  return k.n < 0n ? ratio(x.d ** -k.n, x.n ** -k.n) : ratio(x.n ** k.n, x.d ** k.n);
};
const show = (x) => (x.d === 1n ? `${x.n}` : `${x.n}/${x.d}`);

const OPERATORS = {
  Add: (...x) => x.reduce(add), Multiply: (...x) => x.reduce(times), Power: power,
  Min: (...x) => x.reduce((a, b) => (less(b, a) ? b : a)), Max: (...x) => x.reduce((a, b) => (less(a, b) ? b : a)),
  Mod: (x, y) => add(x, times(ratio(-1n), times(y, floor(times(x, ratio(y.d, y.n)))))),
  Floor: floor, Ceil: (x) => times(ratio(-1n), floor(times(ratio(-1n), x))),
  And: (...x) => x.every(Boolean), Or: (...x) => x.some(Boolean), Not: (x) => !x,
  Equal: equal, NotEqual: (x, y) => !equal(x, y), Less: less, LessEqual: (x, y) => !less(y, x),
  Greater: (x, y) => less(y, x), GreaterEqual: (x, y) => !less(x, y),
};

class Unknown extends Error {}

// A formula at values of its symbols; throws Unknown where a symbol has none.
function evaluate(formula, symbols) {
  if (typeof formula === "number") return ratio(BigInt(formula));
  if (formula === "True" || formula === "False") return formula === "True";
  if (typeof formula === "string") {
    if (!(formula in symbols)) throw new Unknown(formula);
    return symbols[formula];
  }
  const [head, ...parts] = formula;
  if (head === "Rational") return ratio(BigInt(parts[0]), BigInt(parts[1]));
  if (head === "Which") {
    for (let i = 0; i < parts.length; i += 2) if (evaluate(parts[i], symbols)) return evaluate(parts[i + 1], symbols);
    throw new RangeError("no case holds");
  }
  return OPERATORS[head](...parts.map((part) => evaluate(part, symbols)));
}

// --- Sizes as they are typed, with the words of `slt at` for what is wrong.
class Invalid extends Error {
  constructor(argument, problem, remedy) { super(`${argument}: ${problem}; try ${remedy}`); }
}

function readSize(parameter, text, largest) {
  const { name, minimum, flag, length } = parameter;
  if (flag) return text === "true" || text === "1" ? [1n] : [0n];
  const parts = length ? text.split("-") : [text];
  const number = (part) => (/^[+-]?[0-9]{1,100}$/.test(part) ? BigInt(part) : null);
  const numbers = parts.map(number);
  const typed = length ? text : numbers[0] === null ? text : `${numbers[0]}`;
  const least = length ? Array(length).fill(minimum + 1).join("-") : `${Math.max(minimum, 1)}`;
  if (numbers.some((x) => x === null || x < BigInt(minimum)) || numbers.length < (length || 1)) {
    const whole = parts.map((part) => part.match(/^\+?([0-9]{1,18})(\.0{0,18}|\/1)?$/));
    const isMeant = whole.every((x) => x && BigInt(x[1]) >= BigInt(minimum)) && parts.length >= (length || 1);
    const problem = `must be ${length ? `at least ${length} integers` : "an integer"} >= ${minimum}`;
    throw new Invalid(`${name}=${typed}`, problem, `${name}=${isMeant ? whole.map((x) => x[1]).join("-") : least}`);
  }
  if (numbers.some((x) => x > BigInt(largest))) throw new Invalid(name, `must be at most ${largest}`, `${name}=${least}`);
  return numbers;
}

function readSizes(entry, texts) {
  const sizes = {}, symbols = {};
  for (const parameter of entry.parameters) {
    const text = (texts[parameter.name] || "").trim(), formula = entry.mathjson.defaults[parameter.name];
    if (text) sizes[parameter.name] = readSize(parameter, text, entry.largest);
    else if (formula === undefined)
      throw new Invalid(parameter.name, `is missing: ${parameter.meaning}`, `${parameter.name}=...`);
    else sizes[parameter.name] = [evaluate(formula, symbols).n];
    if (!parameter.length) symbols[parameter.name] = ratio(sizes[parameter.name][0]);
  }
  return { sizes, symbols };
}

const typed = (sizes) => Object.entries(sizes).map(([name, x]) => `${name}=${x.join("-")}`).join(" ");
const same = (row, sizes) => Object.entries(sizes).every(([name, x]) => [row.sizes[name]].flat().join("-") === x.join("-"));

// What the page knows at sizes: a row of its tables, the formula's value, or neither.
function answerAt(entry, texts) {
  const { sizes, symbols } = readSizes(entry, texts);
  const row = entry.rows.find((candidate) => same(candidate, sizes));
  if (row) for (const [name, value] of Object.entries(row.symbols)) symbols[name] = ratio(BigInt(value));
  const found = { sizes, row, unknown: null };
  try {
    entry.mathjson.conditions.forEach((condition, i) => {
      if (!evaluate(condition, symbols)) throw new Invalid(typed(sizes), ...entry.problems[i]);
    });
    for (const name of ["lambda", "multiplicity", "lower", "upper"])
      if (entry.mathjson[name] !== undefined) found[name] = show(evaluate(entry.mathjson[name], symbols));
  } catch (error) {
    if (!(error instanceof Unknown)) throw error;
    found.unknown = error.message;
  }
  return found;
}

// --- The page.
const element = (tag, text, name) => Object.assign(document.createElement(tag), { textContent: text, className: name || "" });
const between = (lower, upper) => (lower === upper ? `λ = ${lower}` : `${lower} ≤ λ ≤ ${upper}`);

function threshold({ lambda, multiplicity, lower, upper }) {
  const value = lambda === null ? between(lower, upper) : `λ = ${lambda}`;
  const cited = lambda !== null && lower !== upper ? ` (cited; proved: ${between(lower, upper)})` : "";
  return value + cited + (multiplicity === null ? "" : `, m = ${multiplicity}`);
}

// Lines of an answer: the number, its grade, and why.
function lines(entry, found) {
  const command = `slt at ${entry.name} ${typed(found.sizes)}`;
  if (found.unknown !== null && !found.row)
    return [["p", `The formula uses ${entry.derived.join(", ")}, which are computed from the sizes by the program; this page has them only at the sizes of its tables. Ask: ${command}`]];
  if (found.row) {
    const { answer, kind } = found.row;
    const rest = entry.kind === "claim" ? [["p", `claimed: ${between(found.lower, found.upper)}`]]
      : answer.lambda === found.lambda ? [] : [["p", `the formula gives ${found.lambda}`]];
    return [["strong", threshold(answer)], ["span", kind, `grade ${kind}`], ...rest, ["p", answer.evidence.how]];
  }
  if (entry.kind === "claim") return [["strong", `claimed: ${between(found.lower, found.upper)}`], ["p", `The verdict here: ${command}`]];
  const value = ["strong", `λ = ${found.lambda}, m = ${found.multiplicity}`];
  if (entry.decided)
    return [value, ["span", entry.evidence.grade, `grade ${entry.evidence.grade}`], ["p", entry.evidence.how]];
  return [value, ["p", `The formula's value. Whether there are such sizes, and whether it is exact there or only a bracket is known, is decided by: ${command}`]];
}

function refresh(entry, form, output) {
  const texts = Object.fromEntries([...form.elements].filter((x) => x.name).map((x) => [x.name, x.value]));
  output.replaceChildren();
  output.removeAttribute("data-answer");
  try {
    const found = answerAt(entry, texts);
    for (const [tag, text, name] of lines(entry, found)) output.append(element(tag, text, name), " ");
    output.className = "";
    document.getElementById("command").textContent = `slt at ${entry.name} ${typed(found.sizes)}`;
    output.dataset.answer = JSON.stringify({ ...found, sizes: typed(found.sizes), row: found.row ? found.row.answer : null });
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    output.append(element("p", error.message));
    output.className = "wrong";
  }
}

function startCalculator() {
  const entry = JSON.parse(document.getElementById("entry").textContent);
  const form = document.getElementById("calculator"), output = document.getElementById("answer");
  const fill = (sizes) => { for (const [name, value] of Object.entries(sizes)) if (form.elements[name]) form.elements[name].value = value; };
  const inWords = (name, value) => (entry.parameters.find((x) => x.name === name)?.flag ? String(Boolean(Number(value))) : [value].flat().join("-"));
  fill(Object.fromEntries(Object.entries(entry.begin).map(([name, value]) => [name, inWords(name, value)])));
  form.addEventListener("input", () => refresh(entry, form, output));
  form.addEventListener("submit", (event) => event.preventDefault());
  document.querySelectorAll("button[data-sizes]").forEach((button) => button.addEventListener("click", () => {
    fill(Object.fromEntries(button.dataset.sizes.split(" ").map((part) => part.split("=")).map(([name, value]) => [name, inWords(name, value)])));
    refresh(entry, form, output);
    output.scrollIntoView({ block: "nearest" });
  }));
  refresh(entry, form, output);
}

function startSearch() {
  const form = document.getElementById("search"), cards = [...document.querySelectorAll(".cards li")];
  const filter = () => {
    const words = form.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const { value: paper } = form.elements.paper, { value: grade } = form.elements.grade;
    for (const card of cards) {
      const { text, papers, grade: own } = card.dataset;
      card.hidden = !words.every((word) => text.toLowerCase().includes(word)) || (paper && !papers.split(" ").includes(paper))
        || (grade && own !== grade);
    }
    for (const family of document.querySelectorAll("section.family"))
      family.hidden = [...family.querySelectorAll("li")].every((card) => card.hidden);
    document.getElementById("found").textContent = `${cards.filter((card) => !card.hidden).length} of ${cards.length} entries`;
  };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  filter();
}

function copyText(button) {
  const pre = button.parentElement.querySelector("pre");
  getSelection().selectAllChildren(pre);  // stays selected where a page from a folder may not write to the clipboard
  const done = () => { button.textContent = "Copied"; };
  if (navigator.clipboard) navigator.clipboard.writeText(pre.textContent).then(done, () => document.execCommand("copy") && done());
  else if (document.execCommand("copy")) done();
}

// A polyhedron in space, turned by an angle in degrees: as at first drawn, from above at 30 degrees.
function turn(svg, degrees) {
  const fraction = (text) => text.split("/").reduce((n, d) => n / d), scale = fraction(svg.dataset.scale);
  const c = Math.cos(degrees * Math.PI / 180), s = Math.sin(degrees * Math.PI / 180);
  const place = (point) => {
    const [x, y, z] = point.split(" ").map(fraction);
    return [scale * (y * c - x * s), scale * ((x * c + y * s) / 2 - z * Math.sqrt(3) / 2)];
  };
  for (const part of svg.querySelectorAll("[data-at]")) {
    const points = part.dataset.at.split(";").map(place);
    if (part.hasAttribute("points")) part.setAttribute("points", points.join(" "));
    else part.setAttribute("transform", `translate(${points[0]})`);
  }
}

document.querySelectorAll("input.turn").forEach((slider) => slider.addEventListener("input",
  () => turn(slider.closest("figure").querySelector("svg"), Number(slider.value))));
document.querySelectorAll("button.copy").forEach((button) => button.addEventListener("click", () => copyText(button)));
if (document.getElementById("entry")) startCalculator();
if (document.getElementById("search")) startSearch();
