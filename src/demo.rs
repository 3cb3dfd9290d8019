//! The demo: a server on loopback that speaks three wire formats over real HTTP and answers from given models, slowly
//! enough to be watched. It is no vendor and says so; it listens on 127.0.0.1 alone and keeps nothing.

mod dialect;
mod server;
mod speech;

pub use server::Demo;

use crate::{
    config::spec::{LaneSpec, RemoteSpec, Tuning},
    domain::{cost::Price, plan::ProviderId, request::ChatRequest, tier::Tier},
    provider::{LaneStream, Provider, Readiness, Stopwatch},
};
use futures_util::stream::BoxStream;
use std::{net::SocketAddr, sync::Arc, time::Duration};

/// What the panes of the demo's lanes say in place of a host.
pub const PLACE: &str = "loopback demo";

/// A model that the server answers from, and how fast it pretends to be.
#[derive(Debug, Clone)]
pub struct Voice {
    /// Its name on the wire.
    pub model: &'static str,
    /// Who answers.
    pub provider: Arc<dyn Provider>,
    /// When its pieces leave.
    pub pace: Pace,
}

/// A pace of which a person can see something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// From the request to the first piece.
    pub first: Duration,
    /// From one piece to the next.
    pub every: Duration,
}

/// A remote lane of the demo.
#[derive(Debug, Clone, Copy)]
pub struct DemoLane {
    /// The lane's name.
    pub name: &'static str,
    /// The model on the wire.
    pub model: &'static str,
    /// Its tier, and that of the model that answers.
    pub tier: Tier,
    /// How fast it is.
    pub pace: Pace,
    provider: ProviderId,
    /// What stands behind the server's address.
    path: &'static str,
    /// US dollars per million tokens of prompt and completion; made up.
    price: (f64, f64),
}

/// The remote lanes, one per wire format.
pub const LANES: [DemoLane; 3] = [
    DemoLane {
        name: "demo-small",
        model: "demo-small",
        tier: Tier::Small,
        pace: Pace {
            first: Duration::from_millis(120),
            every: Duration::from_millis(8),
        },
        provider: ProviderId::OpenAiCompatible,
        path: "/v1",
        price: (0.1, 0.4),
    },
    DemoLane {
        name: "demo-flagship",
        model: "demo-flagship",
        tier: Tier::Flagship,
        pace: Pace {
            first: Duration::from_millis(350),
            every: Duration::from_millis(22),
        },
        provider: ProviderId::Anthropic,
        path: "",
        price: (2.5, 10.0),
    },
    DemoLane {
        name: "demo-reasoning",
        model: "demo-reasoning",
        tier: Tier::Reasoning,
        pace: Pace {
            first: Duration::from_millis(450),
            every: Duration::from_millis(12),
        },
        provider: ProviderId::Gemini,
        path: "",
        price: (2.5, 10.0),
    },
];

impl DemoLane {
    /// The lane as a configuration would have it, for a server at this address.
    pub fn spec(&self, address: SocketAddr) -> LaneSpec {
        let (input, output) = self.price;
        LaneSpec {
            model: Some(self.model.to_owned()),
            tier: Some(self.tier),
            price: Some(Price {
                input: Some(input),
                output: Some(output),
                ..Price::default()
            }),
            tuning: Tuning {
                temperature: Some(0.0),
                ..Tuning::default()
            },
            remote: RemoteSpec {
                base_url: Some(format!("http://{address}{}", self.path)),
                // None is needed, and a vendor's must not be sent here.
                api_key_env: Some(String::new()),
                ..RemoteSpec::default()
            },
            ..LaneSpec::new(self.name, self.provider)
        }
    }
}

/// A lane of the demo: its pane names the demo and not an address that could be anybody's, and it is ready when the
/// model behind the server is.
#[derive(Debug)]
pub struct Labelled {
    /// The lane at the server.
    pub lane: Arc<dyn Provider>,
    /// Who answers behind it.
    pub voice: Arc<dyn Provider>,
}

impl Provider for Labelled {
    fn stream(&self, request: ChatRequest, watch: Stopwatch) -> LaneStream {
        self.lane.stream(request, watch)
    }

    fn prepare(&self) -> BoxStream<'static, Readiness> {
        self.voice.prepare()
    }

    fn place(&self) -> String {
        PLACE.to_owned()
    }
}
