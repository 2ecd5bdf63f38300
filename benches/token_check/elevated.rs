//! A call that shows an elevated token beside its bearer: two signatures, the answer included.

use std::hint::black_box;

use benches::Service;
use criterion::BenchmarkGroup;
use criterion::measurement::WallTime;
use mock_server::http::{Method, StatusCode};
use serde_json::Value;

use super::crowd::Signer;

/// A device that there is none of: both tokens are opened, and nothing is changed.
const ABSENT: &str = "users/mfa/00000000-0000-4000-8000-00000000ffff";

pub(super) fn measure(group: &mut BenchmarkGroup<'_, WallTime>) {
    for (name, remembered) in [("cold", 1), ("seen", 100)] {
        let mut service = Service::with(1, remembered);
        let signer = Signer::new();
        let (bearer, elevated) = (service.bearer().to_owned(), service.elevated().to_owned());
        let requests = [1, 2].map(|number| {
            service.show(signer.another(&bearer, number), signer.another(&elevated, number));
            service.request(Method::DELETE, ABSENT, &Value::Null)
        });
        let mut in_turn = requests.iter().cycle();
        group.bench_function(format!("answer_elevated/{name}"), |bencher| {
            bencher.iter(|| service.ask(black_box(in_turn.next().unwrap()), StatusCode::NOT_FOUND));
        });
    }
}
