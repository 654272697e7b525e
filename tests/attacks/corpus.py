"""Hostile submissions, each with one attempt. `test_attacks.py` grades them as one class, with honest students among them.

An attack is a cell in front of a student's own answers. It notes in FOUND whatever it gets hold of; the plotting function
then raises with all of it, so that it stands in the scorecard: "nothing" means that it was kept away.
"""

# ruff: noqa: E501 -- what attackers write stands in a table
from dataclasses import dataclass
from textwrap import dedent

PRELUDE = """\
import ctypes, json, os, signal, socket, stat, struct, sys, threading, time
FOUND = []
def attempt(action):
    try:
        FOUND.append(str(action())[:200])
    except BaseException as error:
        WHY.append(type(error).__name__)
WHY = []
def is_socket(number):
    try:
        return stat.S_ISSOCK(os.fstat(number).st_mode)
    except OSError:
        return False
PIPE = next(number for number in range(3, 256) if is_socket(number))
def SEND(data):
    frame = struct.pack(">I", len(data)) + data
    while frame:
        frame = frame[os.write(PIPE, frame):]
def iter_frames(frame):
    while frame is not None:
        yield frame
        frame = frame.f_back
"""

REPORTING = """\
def plot_loss_curves(histories):
    raise RuntimeError("FOUND " + (ascii(FOUND) if FOUND else "nothing"))
"""


@dataclass(frozen=True)
class Attack:
    """One attack.

    Attributes:
        name: what it tries.
        code: a cell that runs before the student's answers. {course}, {submitted}, {graded}, {canary}, {port}, {grader}
            and {zygotes} stand for what is really there.
        right: whether the student's other answers are right; without them every point would be unearned.
        reports: whether it notes what it found, see above.
        lost: how many points of the right answers it costs itself; None where that depends on the machine.
        earned: what is right all the same of answers that are not: an input, a layer, an argument left as it was.
        says: text that its notes or messages must contain.
    """

    name: str
    code: str
    right: bool = True
    reports: bool = True
    lost: float | None = 0.0
    earned: float = 0.0
    says: str = ""

    def cell(self, **places) -> str:
        """The cell."""
        code = dedent(self.code).strip()
        for name, value in places.items():
            code = code.replace(f"{{{name}}}", str(value))
        return PRELUDE + code


READING = [
    Attack("reads_the_rubric", 'attempt(lambda: open("{course}/autograder/rubrics/mnist_convnet/test_arithmetic.py").read())'),
    Attack("imports_the_rubric", 'attempt(lambda: __import__("autograder.rubrics.mnist_convnet.reference", fromlist=["x"]).__file__)'),
    Attack("reads_the_solutions", 'attempt(lambda: open("{course}/solutions/mnist_convnet/mnist_convnet.py").read())'),
    Attack("lists_other_submissions", 'attempt(lambda: os.listdir("{submitted}"))'),
    Attack("reads_another_submission", 'attempt(lambda: open("{submitted}/honest/mnist_convnet/mnist_convnet.ipynb").read())'),
    Attack("reads_scorecards", 'attempt(lambda: open("{graded}/mnist_convnet/honest/scorecard.json").read())'),
    Attack("walks_the_file_system", '''
        def walk():
            seen = [os.path.join(folder, name) for top in ("/home", "/opt", "/srv", "/var", "/mnt", "/root", "{course}")
                    for folder, _, names in os.walk(top) for name in names
                    if name in ("course.toml", "scorecard.json", "canary.txt", "reference_runs.json")]
            assert seen
            return seen
        attempt(walk)'''),
    Attack("reads_the_environment", '''
        def secret():
            assert "GRADER_SECRET" in os.environ
            return os.environ["GRADER_SECRET"]
        attempt(secret)
        attempt(lambda: [part for part in open("/proc/self/environ", "rb").read().split(b"\\0") if b"SECRET" in part][0])'''),
    Attack("reads_the_environment_of_the_grader", 'attempt(lambda: open("/proc/{grader}/environ", "rb").read())\nattempt(lambda: open("/proc/{grader}/mem", "rb").read(1))'),
    Attack("looks_for_other_processes", '''
        def others():
            found = [name for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()]
            assert found
            return found
        attempt(others)'''),
    Attack("looks_for_inherited_descriptors", '''
        def descriptors():
            found = []
            for number in range(3, 256):
                try: kind = os.fstat(number).st_mode
                except OSError: continue
                if not stat.S_ISSOCK(kind) and not stat.S_ISFIFO(kind) and os.readlink(f"/proc/self/fd/{number}").startswith("/"): found.append(number)
            assert found
            return found
        attempt(descriptors)'''),
    Attack("looks_for_the_expected_values_in_memory", '''
        import gc
        def values():
            found = [name for name in list(sys.modules) if "rubrics" in name or name.endswith(".reference")]
            assert found
            return found
        attempt(values)'''),
    Attack("asks_its_parent", 'attempt(lambda: 1 / os.getppid())'),
]  # fmt: skip

WRITING = [
    Attack("writes_into_the_gradebook", '''
        import sqlite3
        def set_score():
            database = sqlite3.connect("{canary}/gradebook.db")
            database.execute("update grade set manual_score = 100")
            database.commit()
            return "written"
        attempt(set_score)'''),
    Attack("writes_a_scorecard", '''
        def forge():
            os.makedirs("{graded}/mnist_convnet/writes_a_scorecard", exist_ok=True)
            open("{graded}/mnist_convnet/writes_a_scorecard/scorecard.json", "w").write("{}")
        attempt(forge)''', reports=False),
    Attack("changes_the_kit_for_those_who_come_after", '''
        import cnnkit, keras
        attempt(lambda: open(cnnkit.__file__, "a").write("# changed"))
        attempt(lambda: open(keras.__file__, "a").write("# changed"))
        attempt(lambda: open(os.path.join(os.path.dirname(os.__file__), "sitecustomize.py"), "w").write(""))'''),
    Attack("writes_outside_its_scratch_folder", '''
        for folder in ("/", "/etc", "/usr/lib", "/dev", "/var/tmp", "{canary}"):
            attempt(lambda: os.close(os.open(folder + "/left_behind", os.O_CREAT | os.O_WRONLY)) or folder)'''),
    Attack("leaves_something_in_tmp", 'open("/tmp/left_behind_by_an_attack", "w").write("x")', reports=False),
    Attack("deletes_what_it_can", '''
        import shutil
        for folder in ("{canary}", "{submitted}", "{graded}", os.path.dirname(os.__file__)):
            shutil.rmtree(folder, ignore_errors=True)''', reports=False),
    Attack("writes_to_the_zygote_s_memory", '''
        def memory():
            for name in os.listdir("/proc"):
                if name.isdigit() and int(name) != os.getpid():
                    open(f"/proc/{name}/mem", "r+b").close()
                    return name
            raise OSError
        attempt(memory)'''),
    Attack("sets_core_pattern", 'attempt(lambda: open("/proc/sys/kernel/core_pattern", "w").write("|/bin/sh"))'),
    Attack("makes_a_device", 'attempt(lambda: os.mknod("/tmp/disk", 0o600 | stat.S_IFBLK, os.makedev(8, 0)) or "a disk")'),
    Attack("mounts_something", 'attempt(lambda: 1 / (ctypes.CDLL(None).mount(b"none", b"/tmp", b"tmpfs", 0, None) == 0))'),
    Attack("leaves_its_root", '''
        attempt(lambda: os.chroot("/tmp") or "a new root")
        attempt(lambda: 1 / (ctypes.CDLL(None).unshare(0x10000000) == 0))
        attempt(lambda: os.setuid(0) or "root")'''),
]  # fmt: skip

NETWORK = [
    Attack("calls_by_tcp", 'attempt(lambda: socket.create_connection(("127.0.0.1", {port}), 2))'),
    Attack("sends_by_udp", 'attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"secret", ("127.0.0.1", {port})))'),
    Attack("calls_the_zygote", '''
        def zygote():
            import glob
            for path in [*glob.glob("/tmp/autograder-*/zygote"), *{zygotes}]:
                connection = socket.socket(socket.AF_UNIX); connection.connect(path)
                return path
            raise OSError
        attempt(zygote)
        attempt(lambda: socket.socket(socket.AF_UNIX).connect("\\0zygote"))'''),
    Attack("asks_a_name_server", 'attempt(lambda: socket.gethostbyname("example.com"))'),
    Attack("downloads", 'import urllib.request\nattempt(lambda: urllib.request.urlopen("http://127.0.0.1:{port}", timeout=2).read())'),
]  # fmt: skip

EXHAUSTING = [
    Attack("forks_without_end", 'attempt(lambda: [os.fork() for _ in range(1_000)] and "forked")'),
    Attack("starts_threads_without_end", '''
        def sleep(): time.sleep(1000)
        try:
            for _ in range(100_000): threading.Thread(target=sleep, daemon=True).start()
        except RuntimeError: pass''', reports=False, lost=None),
    Attack("takes_all_memory", '''
        hoard = []
        try:
            while True: hoard.append(bytearray(100_000_000))
        except MemoryError: hoard.clear()''', reports=False),
    Attack("takes_memory_that_no_limit_counts", '''
        attempt(lambda: os.memfd_create("hoard"))
        attempt(lambda: 1 / (1 + ctypes.CDLL(None).shmget(0, 2**30, 0o1600)))'''),
    Attack("fills_the_disk", '''
        def fill():
            for number in range(10_000):
                with open(f"/tmp/{number}", "wb") as file: file.write(b"x" * 90_000_000)
            return "10,000 files"
        attempt(fill)'''),
    Attack("makes_a_million_files", '''
        def files():
            for number in range(1_000_000): open(f"/tmp/{number}", "w").close()
            return "all"
        attempt(files)'''),
    Attack("prints_a_gigabyte", 'for _ in range(10_000): print("x" * 100_000)', reports=False, says="printed 1,000"),
    Attack("never_ends", '''
        for number in (signal.SIGTERM, signal.SIGALRM, signal.SIGPROF, signal.SIGINT, signal.SIGXCPU): signal.signal(number, signal.SIG_IGN)
        while True:
            try:
                while True: pass
            except BaseException: pass''', reports=False, says="ended the process"),
    Attack("sleeps_for_ever", 'time.sleep(10**6)', reports=False, says="it took more than 12 seconds"),
    Attack("switches_its_timers_off", '''
        signal.setitimer(signal.ITIMER_PROF, 0); signal.setitimer(signal.ITIMER_REAL, 0)
        while True: pass''', reports=False, says="ended the process"),
    Attack("raises_its_limits", '''
        import resource
        attempt(lambda: resource.setrlimit(resource.RLIMIT_CPU, (resource.RLIM_INFINITY,) * 2) or "no limit")
        attempt(lambda: resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY,) * 2) or "no limit")'''),
    Attack("leaves_a_daemon", '''
        def daemon():
            if os.fork() == 0:
                os.setsid()
                while True: time.sleep(1)
            return "running"
        attempt(daemon)'''),
    Attack("starts_a_program", 'import subprocess\nattempt(lambda: subprocess.run([sys.executable, "-c", "print(1)"], capture_output=True).stdout)\nattempt(lambda: os.system("true") + 1 == 1 and "a shell" or 1 / 0)'),
    Attack("kills_its_parent", 'parent = os.getppid()\nattempt(lambda: os.kill(parent, signal.SIGKILL) or "killed" if parent else 1 / 0)\nattempt(lambda: os.kill({grader}, signal.SIGKILL) or "killed")'),
    Attack("kills_everything_it_sees", 'os.kill(-1, signal.SIGKILL)', reports=False),
    Attack("traces_another_process", 'attempt(lambda: 1 / (ctypes.CDLL(None).ptrace(16, {grader}, 0, 0) == 0))'),
    Attack("ends_its_process", 'os._exit(0)', reports=False, says="ended the process"),
    Attack("crashes_python", 'ctypes.string_at(0)', reports=False, says="ended the process"),
]  # fmt: skip

# The student's answers are not there: whatever these gain was not earned.
LYING = [
    Attack("equals_everything", '''
        class Equal(float):
            __eq__ = __le__ = __ge__ = __lt__ = __gt__ = lambda self, other: True
            __hash__ = float.__hash__
        def conv_output_size(*_, **__): return Equal()
        def conv_parameters(*_, **__): return Equal()
        def prepare_images(images): return Equal()
        def one_hot(labels, classes=10): return Equal()''', earned=0.25),
    Attack("patches_numpy", '''
        import numpy as np
        np.array_equal = np.allclose = np.isclose = lambda *_, **__: True
        np.testing.assert_allclose = lambda *_, **__: None
        def conv_output_size(*_, **__): return 0
        def conv_parameters(*_, **__): return 0'''),
    Attack("patches_the_comparison", '''
        import cnnkit.spec, cnnkit.networks.compare.comparison, cnnkit.mismatch, keras
        from types import SimpleNamespace
        forged = lambda *_, **__: SimpleNamespace(equal=True, differences=())
        cnnkit.networks.compare.comparison.compare = cnnkit.spec.compare = forged
        cnnkit.mismatch.Mismatch.__init__ = lambda self, *_, **__: None
        def build_convnet(): return keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(name="nothing")])''', earned=0.75),
    Attack("patches_the_description", '''
        import cnnkit.spec, cnnkit.networks.describe.weightless, autograder.sandbox.server.child
        from cnnkit.assignments.mnist_convnet.brief import CHECKS
        def forged(*_, **__): return CHECKS.brief.network
        cnnkit.spec.build_and_describe = cnnkit.networks.describe.weightless.build_and_describe = forged
        cnnkit.spec.describe = cnnkit.networks.describe.weightless.describe = forged
        autograder.sandbox.server.child.build_and_trace = autograder.sandbox.server.child.is_plain = forged
        cnnkit.networks.describe.weightless.build_and_describe.__code__ = forged.__code__
        def build_convnet(): return None'''),
    Attack("patches_the_code_of_the_description", '''
        import autograder.sandbox.server.child as child
        def forged(*_, **__):
            from cnnkit.assignments.mnist_convnet.brief import CHECKS
            return CHECKS.brief.network
        child.build_and_trace.__code__ = forged.__code__
        child._ask.__code__ = (lambda notebook, function, question: None).__code__
        def build_convnet(): return None'''),
    Attack("patches_the_wire", '''
        from autograder.sandbox.protocol import messages
        real = messages.send_response
        def forged(connection, message, ticket):
            if isinstance(message, messages.MissingResponse): message = messages.CallResponse(value=True, type="bool")
            return real(connection, message, ticket)
        messages.send_response = forged
        json.dumps = json.loads = lambda *_, **__: {"score": 22}'''),
    Attack("draws_one_network_and_computes_another", '''
        import keras
        from cnnkit.assignments.mnist_convnet.brief import BRIEF
        from cnnkit.networks.shapes.construct import construct
        class Two(keras.Model):
            def __init__(self):
                super().__init__()
                self.drawn = construct(BRIEF).model
            def call(self, x):
                return self.drawn(x) if isinstance(x, keras.KerasTensor) else keras.ops.ones((len(x), 10)) / 10
        def build_convnet(): return Two()''', says="takes no part"),
    Attack("records_one_network_and_calls_another", '''
        import keras
        from cnnkit.assignments.mnist_convnet.brief import BRIEF
        from cnnkit.networks.shapes.construct import construct
        class Two(keras.Sequential):
            def __call__(self, x, **kwargs):
                return super().__call__(x, **kwargs) if isinstance(x, keras.KerasTensor) else keras.ops.ones((len(x), 10)) / 10
        def build_convnet(): return Two([keras.Input((28, 28, 1)), *construct(BRIEF).layers])''', says="takes no part"),
    Attack("replaces_the_call_of_a_layer", '''
        from cnnkit.assignments.mnist_convnet.brief import BRIEF
        from cnnkit.networks.shapes.construct import construct
        def build_convnet():
            made = construct(BRIEF)
            real = made.layers[1].call
            made.layers[1].call = lambda x: 0 * real(x)
            return made.model''', says="computes something else"),
    Attack("replaces_the_call_of_a_class", '''
        import functools, collections, keras
        from cnnkit.assignments.mnist_convnet.brief import BRIEF
        from cnnkit.networks.shapes.construct import construct
        real = keras.layers.Dense.call
        def zero(self, x, training=None): return 0 * real(self, x)
        made = collections.namedtuple("Made", "call")(zero)
        functools.update_wrapper(keras.layers.Dense, made, assigned=["call"], updated=[])
        def build_convnet(): return construct(BRIEF).model''', says="computes something else"),
    Attack("replaces_the_encoder", '''
        from autograder.sandbox.protocol import messages
        from cnnkit.assignments.mnist_convnet.brief import BRIEF
        encoder = messages._encoder
        class Lie:
            def encode(self, message):
                if isinstance(message, messages.MissingResponse): message = messages.DescribeResponse(spec=BRIEF, plain=True)
                return encoder.encode(message)
        messages._encoder = Lie()'''),
    Attack("replaces_the_encoder_when_it_is_asked", '''
        from autograder.sandbox.protocol import messages
        from cnnkit.assignments.mnist_convnet.brief import BRIEF
        encoder = messages._encoder
        class Lie:
            def encode(self, message): return encoder.encode(messages.DescribeResponse(spec=BRIEF, plain=True))
        def build_convnet(): messages._encoder = Lie()'''),
    Attack("patches_keras", '''
        import keras
        keras.Sequential.count_params = keras.Model.count_params = lambda self: 1191338
        def build_convnet():
            return keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten()])''', earned=0.75),
    Attack("drops_asserts", '''
        import ast
        from IPython import get_ipython
        class Drop(ast.NodeTransformer):
            def visit_Assert(self, node): return ast.Pass()
        get_ipython().ast_transformers.append(Drop())
        def conv_output_size(*_, **__): return 0'''),
    Attack("patches_pytest", '''
        import pytest
        pytest.main = lambda *_, **__: 0
        pytest.raises = pytest.fail = lambda *_, **__: None'''),
    Attack("forges_results", '''
        for name in ("results.json", "scorecard.json", "/tmp/results.json", "grades.csv"):
            open(name, "w").write('{"score": 22, "tests": [{"score": 22, "max_score": 22}]}')
        print('{"score": 22}'); print("22.0")'''),
    Attack("leaves_with_status_0", 'import atexit\natexit.register(lambda: print("22 of 22 passed"))\nsys.exit(0)'),
    Attack("hides_the_answer_in_a_question", '''
        # hidden inputs come with the question: what a function remembers of one cannot help it with the answer
        SEEN = []
        def conv_output_size(*arguments, **named):
            SEEN.append((arguments, named))
            return SEEN'''),
    Attack("claims_to_be_keras", '''
        class Sequential:
            __module__ = "keras.src.models.sequential"
            layers, inputs, outputs, built = [], [], [], True
            def count_params(self): return 1191338
            def get_config(self): return {"layers": []}
        def build_convnet(): return Sequential()'''),
]  # fmt: skip

# What is sent to the grader itself.
SENDING = [
    Attack("sends_a_malformed_frame", "SEND(b'\\xff' * 40)", reports=False, says="nobody had asked for"),
    Attack("sends_a_huge_frame", "os.write(PIPE, struct.pack('>I', 2**32 - 1) + b'x' * 100)", reports=False, says="4,294,967,295 bytes"),
    Attack("sends_a_deeply_nested_frame", "SEND(b'\\x91' * 1_000_000)", reports=False, says="nobody had asked for"),
    Attack("sends_half_a_frame_and_waits", "os.write(PIPE, struct.pack('>I', 1000) + b'x')\ntime.sleep(10**6)", reports=False),
    Attack("answers_before_it_is_asked", '''
        import msgspec
        from autograder.sandbox.protocol import messages
        for one in (messages.CellFinished(number=1), messages.NotebookFinished(functions=["conv_output_size"]), *[messages.CallResponse(value=13, type="int")] * 50):
            SEND(messages.encode_message(one))''', right=False, reports=False, says="nobody had asked for"),
    Attack("answers_another_question", '''
        # it bears the ticket of the request before, which can be found in memory
        import gc, autograder.sandbox.server.child
        from autograder.sandbox.protocol import messages
        tickets = [frame.f_locals["ticket"] for frame in sys._current_frames().values() for frame in iter_frames(frame) if "ticket" in frame.f_locals]
        for one in (messages.CellFinished(number=1), messages.NotebookFinished(functions=[]), *[messages.CallResponse(value=13, type="int")] * 50):
            SEND(tickets[0] + messages.encode_message(one))''', right=False, reports=False, says="ended the process"),
    Attack("floods_the_pipe", "while True: SEND(b'x' * 1_000_000)", reports=False, says="nobody had asked for"),
    Attack("closes_the_pipe", "os.close(PIPE)", reports=False, says="ended the process"),
    Attack("returns_a_million_levels", '''
        def deep():
            found = []
            for _ in range(1_000_000): found = [found]
            return found
        def one_hot(labels, classes=10): return deep()''', right=False, reports=False),
    Attack("returns_what_cannot_be_an_array", '''
        import numpy as np
        class Evil:
            def __reduce__(self): return os.system, ("touch {canary}/pickled",)
        def prepare_images(images): return np.array([Evil()] * 3, dtype=object)
        def one_hot(labels, classes=10): return Evil()''', right=False, reports=False, earned=0.25),
    Attack("builds_2_to_the_36_units", '''
        import keras
        def build_convnet(): return keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(2**36)])''', right=False, reports=False, says="more numbers than can be computed"),
    Attack("nests_5000_models", '''
        import keras
        def build_convnet():
            model = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(name="inner")])
            for number in range(5000):
                model = keras.Sequential([keras.Input((28, 28, 1)), model])
            return model''', right=False, reports=False),
]  # fmt: skip

NASTY = (
    '=HYPERLINK("http://evil","A")\\n<script>alert(1)</script>\\x1b[31mred\\x1b[2J\\r\\n@SUM(1+1)../../../etc/passwd'
)
WORDS = [
    Attack("raises_with_html_ansi_and_formulas", f'''
        class Bad(Exception): pass
        Bad.__name__ = "{NASTY}"
        def conv_output_size(*_, **__): raise Bad("{NASTY}")''', right=False, reports=False),
    Attack("names_a_layer_with_html", '''
        import keras
        def build_convnet():
            layer = keras.layers.Dense(3, name="dense<img src=x onerror=alert(1)>")
            return keras.Sequential([keras.Input((28, 28, 1)), layer])''', right=False, reports=False, earned=0.5),
    Attack("raises_html_in_a_cell", f'raise ValueError("{NASTY}")', reports=False),
    Attack("has_a_type_with_html", f'''
        def prepare_images(images): return type("{NASTY}", (), {{}})()''', right=False, reports=False),
]  # fmt: skip

TICKETS = """\
from autograder.sandbox.protocol import messages
tickets = [f.f_locals["ticket"] for f in sys._current_frames().values() for f in iter_frames(f) if "ticket" in f.f_locals]
def SAY(**fields): SEND(tickets[0] + messages.encode_message(messages.CellFinished(number=1, **fields)))
"""

# More than the grader should take into its memory, in frames, values and figures. Nothing of it is right.
FLOODING = [
    Attack("floods_with_long_problems", TICKETS + 'for _ in range(30): SAY(problem="x" * 30_000_000)', right=False, reports=False, says="at most 1,000,000 are read"),
    Attack("floods_with_a_problem_below_a_megabyte", TICKETS + 'for _ in range(300): SAY(problem="x" * 990_000)', right=False, reports=False, says="ended the process"),
    Attack("floods_with_notes", TICKETS + 'for _ in range(300): SAY(notes=["x" * 2_000] * 400)', right=False, reports=False, says="ended the process"),
    Attack("floods_with_right_frames", TICKETS + 'for _ in range(100_000): SAY(problem="x" * 2_000, notes=["y" * 2_000] * 50)', right=False, reports=False, says="ended the process"),
    Attack("sends_elements_that_nobody_counts", TICKETS + 'SEND(tickets[0] + b"\\xdd\\x03\\x93\\x87\\x00" + b"\\xc0" * 60_000_000)', right=False, reports=False, says="at most 1,000,000 are read"),
    Attack("returns_millions_of_nothings", '''
        def conv_output_size(*_, **__): return [[None] * 20_000] * 250
        def conv_parameters(*_, **__): return {str(n): [n] * 20_000 for n in range(100)}
        def prepare_images(images): return [[[None] * 20_000] * 20] * 20
        def one_hot(labels, classes=10): return tuple([(1,) * 20_000] * 250)''', right=False, reports=False, earned=0.25),
    Attack("returns_large_arrays_in_lists", '''
        import numpy as np
        def conv_output_size(*_, **__): return [np.zeros(3_000_000), np.ones(3_000_000)]
        conv_parameters = prepare_images = one_hot = conv_output_size''', right=False, reports=False, says="more than 64 MB"),
    Attack("returns_long_texts", '''
        def conv_output_size(*_, **__): return ["x" * 10_000_000] * 1_000
        conv_parameters = prepare_images = one_hot = conv_output_size''', right=False, reports=False),
    Attack("returns_objects", '''
        class Odd:
            def __repr__(self): return "y" * 10_000
        def conv_output_size(*_, **__): return [[Odd() for _ in range(1_000)] for _ in range(10)]
        conv_parameters = prepare_images = one_hot = conv_output_size''', right=False, reports=False),
    Attack("draws_a_million_points", '''
        def plot_loss_curves(histories):
            import matplotlib.pyplot as plt
            figure, axes = plt.subplots()
            for _ in range(100): axes.plot(range(10_000), label="x" * 10_000)
            return figure''', right=False, reports=False),
]  # fmt: skip

ALL = [*READING, *WRITING, *NETWORK, *EXHAUSTING, *LYING, *SENDING, *WORDS, *FLOODING]
