"""What shows that item 55's Python does what it says: figures, the least time, and failures."""

from time import perf_counter, thread_time

from chapter7 import start_and_join, uncaught_errors


class Noted:
    """A function that notes in `order` when it begins and when it is done, and knows what its call
    took, and the processor time of its thread."""

    def __init__(self, order, begins, function, done):
        self._order, self._function = order, function
        self._begins, self._done = begins, done

    def __call__(self, *arguments):
        start, processor = perf_counter(), thread_time()
        if self._begins:
            self._order.append(self._begins)
        self._function(*arguments)
        self._order.append(self._done)
        self.processor_s = thread_time() - processor
        self.waited_s = perf_counter() - start


def telling(failures):
    """A worker that notes the items that fail, and goes on."""

    def do_or_tell(work, inbox, outbox):
        for item in inbox.tasks():
            try:
                outbox.put(work(item))
            except Exception as error:  # noqa: BLE001 - whatever it is, it fails one item
                failures.append((item, error))

    return do_or_tell


def tell_failures(story, send):
    """An item fails, with a worker that tells and with one that doesn't."""
    with story.step("stage_error", "an item fails, and its worker tells") as step:
        failures = []
        with uncaught_errors() as errors:
            done = send(telling(failures))
        step.fact(processed=done.qsize())
        step.fact(numbers_of_failed_items=[parcel.number for parcel, _ in failures])
        step.fact(reason=str(failures[0][1]), workers_that_died=len(errors))

    with story.step("stage_panic", "an item fails, and ends its worker") as step:
        with uncaught_errors() as errors:
            done = send()
        step.fact(processed=done.qsize(), numbers_of_failed_items=[])
        step.fact(reason=f"a traceback on stderr, {errors[0]}")
        step.fact(workers_that_died=len(errors))


def tell_parcels(step, parcels, stages):
    """Nothing is lost, nothing is done twice, and it takes what the slowest stage takes."""
    step.fact(processed=len(parcels))
    step.proof(distinct=len({parcel.number for parcel in parcels}))
    stamped = [parcel for parcel in parcels if parcel.stamps == tuple(stages)]
    step.proof(once_per_stage=len(stamped))
    step.fact(at_least_s=least_s(step.spans, stages))
    step.proof(thread_start_s=start_and_join(3))


def least_s(spans, stages):
    """What the slowest stage takes at least: what its calls take, shared among its workers."""

    def share_s(stage, workers):
        calls = [span.end - span.start for span in spans if span.label == stage]
        return sum(calls) / workers

    return max(share_s(stage, workers) for stage, workers in stages.items())
