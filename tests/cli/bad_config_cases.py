"""Run configs that must be refused with exit code 3, as the reader would meet them."""

from bad_input_case import CONFIG, Case

CHECK = "config check run.yaml"


def bad(name, content, *message, arguments=CHECK, exit_code=3, files=None):
    """A config that `config check` refuses."""
    return Case(name, arguments, exit_code, list(message), {"run.yaml": content, **(files or {})})


def changed(name, old, new, *message, arguments=CHECK, exit_code=3):
    """The working config with `old` replaced."""
    assert CONFIG.count(old) == 1, old
    return bad(name, CONFIG.replace(old, new), *message, arguments=arguments, exit_code=exit_code)


def override(name, setting, *message):
    """The working config with --set."""
    return Case(name, f"{CHECK} --set {setting}", 3, list(message))


ALIAS_BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join(['*' + old] * 10)}]\n" for old, new in zip("abcdefg", "bcdefgh")
)

CASES = [
    bad("empty config", "", "run.yaml: the config is empty"),
    bad("only comments", "# nothing yet\n", "run.yaml: the config is empty"),
    bad("a data file as config", "text,label\nfine,good\n", "run.yaml:", "expected"),
    Case("missing config", "config check nowhere.yaml", 6, ["nowhere.yaml", "No such file"]),
    Case("a folder as config", "config check model", 6, ["cannot read model: Is a directory"]),
    Case("missing config for finetune", "finetune nowhere.yaml", 6, ["nowhere.yaml", "No such file"]),
    bad("unknown key with a near one", CONFIG + "sede: 1\n", "run.yaml:7:1: unknown key 'sede'; did you mean 'seed'?"),
    changed("unknown key in a section", "epochs: 1", "epochz: 1", "run.yaml:5:12", "'training.epochz'", "'epochs'"),
    changed(
        "key of another section",
        "{epochs: 1,",
        "{learning_rate: 1e-4,",
        "run.yaml:5:12: unknown key 'training.learning_rate'; it belongs elsewhere: training.optimizer.learning_rate",
    ),
    changed(
        "all errors at once",
        "{epochs: 1, batch_size: 8}",
        "{epoch: 1, batch_size: 0, precision: fp64}",
        "run.yaml:5:12: unknown key 'training.epoch'",
        "run.yaml:5:34: training.batch_size",
        "run.yaml:5:48: training.precision",
        "'fp64'; did you mean 'fp32'?",
    ),
    changed("text for an integer", "batch_size: 8", "batch_size: eight", "run.yaml:5:35: training.batch_size", "'eight'"),
    changed("quoted integer", "batch_size: 8", 'batch_size: "8"', "training.batch_size", "remove the quotes"),
    changed("fraction for an integer", "batch_size: 8", "batch_size: 8.5", "training.batch_size: expected an integer"),
    changed("zero batch size", "batch_size: 8", "batch_size: 0", "run.yaml:5:35: training.batch_size: must be between 1 and 1000000"),
    changed("share of validation above one", "valid.csv", "1.5", "data.validation", "between 0 and 1"),
    changed("dropout of one", "{from: model}", "{from: model, dropout: 1}", "run.yaml:2:31: model.dropout", "0.999"),
    changed("not a number", "epochs: 1,", "epochs: .nan,", "training.epochs", "finite"),
    changed("octal-looking number", "batch_size: 8", "batch_size: 010", "'010'", "leading zero can mean octal"),
    changed("trailing characters of a number", "epochs: 1,", "epochs: 3x,", "training.epochs: expected a number, got '3x'"),
    changed("beyond 64 bits", "output_dir: out", "seed: 9223372036854775808", "run.yaml:6:7: seed", "64 bits"),
    changed("time limit without unit", "epochs: 1,", "time_limit: 30,", "training.time_limit", "such as 90s, 15m"),
    changed("unknown name of a list of names", "epochs: 1,", "optimizer: {name: adan},", "'adan'", "adam"),
    changed("list for a section", "{from: model}", "[model]", "run.yaml:2:8: model: expected a section, got a list"),
    bad("duplicate key", CONFIG + "task: classification\n", "run.yaml:7:1: duplicate key 'task', first on line 1"),
    bad("second document", CONFIG + "---\nseed: 1\n", "run.yaml:7:1: a second document starts here"),
    bad("alias of itself", CONFIG + "x: &x [*x]\n", "run.yaml:7:8: the alias refers to the value it stands in"),
    bad("alias bomb", ALIAS_BOMB, "run.yaml:", "more than 100000 values"),
    bad("deep nesting", "task: " + "[" * 5000 + "]" * 5000 + "\n", "run.yaml:1:", "nested more than 100 levels"),
    bad("trailing text after the end", "{task: classification} more\n", "run.yaml:1:24: unexpected text"),
    bad("tab as indentation", "task: classification\nmodel:\n\tfrom: model\n", "run.yaml:3:1: a tab", "spaces"),
    bad("wrong indentation", "task: classification\ndata:\n  train: a\n   test: b\n", "run.yaml:4:", "indentation"),
    bad("unclosed quote", CONFIG + 'seed: "42\n', "run.yaml:7:7: the quote opened here is not closed"),
    bad("bytes that are not UTF-8", b"task: classif\xffication\n", "run.yaml:1:14", "not UTF-8 (byte offset 13)"),
    bad("config in UTF-16", CONFIG.encode("utf-16"), "run.yaml: the file is UTF-16; save it as UTF-8"),
    bad("no required key", "seed: 1\n", "task: this key is required", "model.from: name the folder of a model", "data.train: this key is required"),
    Case("broken JSON", "config check run.json", 3, ["run.json:2:"], {"run.json": '{"task": "classification",\n "seed": 1,}'}),
    Case("duplicate key in JSON", "config check run.json", 3, ["run.json:1:", "seed"], {"run.json": '{"seed": 1, "seed": 2}'}),
    Case("text after the JSON", "config check run.json", 3, ["run.json:2:1"], {"run.json": '{"seed": 1}\n{"seed": 2}'}),
    Case("empty JSON", "config check run.json", 3, ["run.json", "empty"], {"run.json": ""}),
    override("override without value", "training.epochs", "--set training.epochs: expected", "as in --set training.epochs=3"),
    override("override of an unknown key", "training.epoch=2", "--set training.epoch", "did you mean", "epochs"),
    override("override with a wrong value", "training.epochs=many", "--set training.epochs", "'many'"),
    override("override out of range", "training.batch_size=0", "--set training.batch_size=0: must be between 1 and 1000000"),
    override("override of a key below a value", "seed.x=1", "--set seed.x"),
    override("override without a key", "=3", "--set =3: a key is missing", "--set training.epochs=3"),
    changed("unset variable", "output_dir: out", "output_dir: ${NO_SUCH_FOLDER}/out", "run.yaml:6:13", "NO_SUCH_FOLDER"),
    changed("unknown task", "task: classification", "task: clasification", "run.yaml:1:7: task", "did you mean", "classification"),
    changed(
        "precision that is not supported yet",
        "batch_size: 8",
        "precision: fp16",
        "run.yaml:5:34: training.precision",
        "fp16",
        "bf16",
    ),
    bad("unknown metric", CONFIG + "evaluation: {metric: macro_f2}\n", "run.yaml:7:22", "'macro_f2'", "did you mean macro_f1?"),
    bad(
        "early stopping without validation",
        CONFIG.replace(", validation: valid.csv", "") + "evaluation: {early_stopping: {patience: 2}}\n",
        "run.yaml:7:14: evaluation.early_stopping",
        "data.validation",
    ),
    bad(
        "early stopping without evaluations",
        CONFIG + "evaluation: {every: never, early_stopping: {patience: 2}}\n",
        "evaluation.early_stopping",
        "evaluation.every",
    ),
    bad("finetune checks before anything else", CONFIG + "sede: 1\n", "run.yaml:7:1", arguments="finetune run.yaml"),
    bad("config show of a bad config", CONFIG + "sede: 1\n", "run.yaml:7:1", arguments="config show run.yaml"),
    Case(
        "config diff with a bad config", "config diff run.yaml bad.yaml", 3, ["bad.yaml:7:1"], {"bad.yaml": CONFIG + "sede: 1\n"}
    ),
    Case(
        "config init over an existing file",
        "config init --data train.csv --model model --output run.yaml",
        6,
        ["run.yaml exists already", "--output"],
    ),
    Case("config init without data", "config init --data nowhere.csv --model model", 6, ["nowhere.csv", "No such file"]),
    Case("config describe of an unknown key", "config describe training.epoch", 2, ["training.epoch", "training.epochs"]),
    override("tuned thresholds without validation data", "task=multi_label --set evaluation.threshold=tune --set data.validation=null",
             "evaluation.threshold", "tune needs validation data"),
    override("a threshold above one", "task=multi_label --set evaluation.threshold=1.5", "expected tune or a number from 0 to 1"),
    override("smoothing of several labels", "task=multi_label --set training.label_smoothing=0.1",
             "training.label_smoothing", "has no part in task multi_label", "it is for classification"),
    override("an empty separator", "task=multi_label --set data.label_separator=''", "data.label_separator", "is empty"),
    override("columns of labels and their names", "task=multi_label --set data.label=[a,b] --set data.labels=[a,b]",
             "data.labels", "leave one of the two out"),
    override("several columns for one label", "data.label=[a,b]", "data.label", "a classifier has one label a text"),
    override("a column of labels twice", "task=regression --set data.label=[a,a]", "data.label", "column 'a' is named twice"),
    override("a delta for another loss", "task=regression --set training.huber_delta=2", "training.huber_delta", "regression_loss: huber"),
    override("class weights for numbers", "task=regression --set training.class_weights=balanced", "training.class_weights",
             "has no part in task regression"),
    override("an unknown loss for numbers", "task=regression --set training.regression_loss=l3", "'l3'", "mse"),
]
