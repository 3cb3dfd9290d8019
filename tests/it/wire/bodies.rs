//! Request bodies and paths of every dialect.

use serde_json::{Value, json};
use tierscope::{
    domain::request::{ChatRequest, Message, Role, Sampling},
    wire::{
        BodyOptions,
        DialectKind::{
            self, Anthropic, Bedrock, Cohere, Gemini, Ollama, OpenAiChat, OpenAiResponses,
        },
        EffortField, Told,
        gemini::vertex_path,
    },
};

fn plain() -> ChatRequest {
    ChatRequest {
        model: "m".to_owned(),
        messages: vec![Message {
            role: Role::User,
            content: "Hi".to_owned(),
        }],
        ..ChatRequest::default()
    }
}

fn full() -> ChatRequest {
    let said = |role, content: &str| Message {
        role,
        content: content.to_owned(),
    };
    ChatRequest {
        system: Some("Be terse".to_owned()),
        messages: vec![
            said(Role::User, "1+1?"),
            said(Role::Assistant, "2"),
            said(Role::User, "2+2?"),
        ],
        sampling: Sampling {
            max_tokens: Some(2000),
            temperature: Some(0.5),
            top_p: Some(0.25),
            top_k: Some(40),
            min_p: Some(0.125),
            seed: Some(7),
            stop: vec!["END".to_owned()],
        },
        ..plain()
    }
}

#[track_caller]
fn told(kind: DialectKind, told: Told) -> Value {
    let options = BodyOptions {
        told,
        ..BodyOptions::default()
    };
    kind.body(&full(), &options)
}

#[track_caller]
fn body(kind: DialectKind, request: &ChatRequest) -> Value {
    kind.body(request, &BodyOptions::default())
}

#[test]
fn what_was_not_asked_for_is_not_sent() {
    let user = json!([{"role": "user", "content": "Hi"}]);
    let expected = json!({"model": "m", "messages": user, "stream": true, "stream_options": {"include_usage": true}});
    assert_eq!(body(OpenAiChat, &plain()), expected);
    let expected = json!({"model": "m", "max_tokens": 4096, "messages": user, "stream": true});
    assert_eq!(body(Anthropic, &plain()), expected);
    assert_eq!(
        body(Gemini, &plain()),
        json!({"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]})
    );
    assert_eq!(
        body(Ollama, &plain()),
        json!({"model": "m", "messages": user, "stream": true})
    );
}

fn turns() -> Value {
    json!([{"role": "user", "content": "1+1?"}, {"role": "assistant", "content": "2"}, {"role": "user", "content": "2+2?"}])
}

fn with_system() -> Value {
    let mut messages = turns();
    let system = json!({"role": "system", "content": "Be terse"});
    messages.as_array_mut().unwrap().insert(0, system);
    messages
}

#[test]
fn chat_completions_follow_the_quirks_of_the_host() {
    let expected = json!({"model": "m", "messages": with_system(), "stream": true, "stream_options": {"include_usage": true},
        "max_tokens": 2000, "temperature": 0.5, "top_p": 0.25, "seed": 7, "stop": ["END"]});
    assert_eq!(body(OpenAiChat, &full()), expected);
    let options = BodyOptions {
        max_tokens_field: "max_completion_tokens",
        include_usage: false,
        seed_field: Some("random_seed"),
        top_k: true,
        min_p: true,
        ..BodyOptions::default()
    };
    let expected = json!({"model": "m", "messages": with_system(), "stream": true,
        "max_completion_tokens": 2000, "temperature": 0.5, "top_p": 0.25, "top_k": 40, "min_p": 0.125,
        "random_seed": 7, "stop": ["END"]});
    assert_eq!(OpenAiChat.body(&full(), &options), expected);
    let options = BodyOptions {
        seed_field: None,
        ..BodyOptions::default()
    };
    assert_eq!(OpenAiChat.body(&full(), &options).get("seed"), None);
}

#[test]
fn effort_is_told_in_the_field_of_the_host() {
    let word = |word: &str| Told::Word(word.to_owned());
    for (field, told, expected) in [
        (
            EffortField::ReasoningEffort,
            word("low"),
            json!({"reasoning_effort": "low"}),
        ),
        (
            EffortField::ReasoningEffort,
            Told::Off,
            json!({"reasoning_effort": "none"}),
        ),
        (
            EffortField::ReasoningObject,
            word("high"),
            json!({"reasoning": {"effort": "high"}}),
        ),
        (
            EffortField::ReasoningObject,
            Told::Budget(99),
            json!({"reasoning": {"max_tokens": 99}}),
        ),
        (
            EffortField::ThinkingType,
            Told::Off,
            json!({"thinking": {"type": "disabled"}}),
        ),
        (
            EffortField::ThinkingType,
            word("high"),
            json!({"thinking": {"type": "enabled"}, "reasoning_effort": "high"}),
        ),
        (
            EffortField::TemplateArguments,
            Told::Off,
            json!({"chat_template_kwargs": {"enable_thinking": false}}),
        ),
        (
            EffortField::TemplateArguments,
            word("low"),
            json!({"chat_template_kwargs": {"enable_thinking": true}, "reasoning_effort": "low"}),
        ),
        (EffortField::ReasoningObject, Told::Nothing, json!({})),
        (EffortField::Nothing, word("high"), json!({})),
    ] {
        let case = format!("{field:?} {told:?}");
        let mut expected_body = OpenAiChat.body(&plain(), &BodyOptions::default());
        let parts = expected.as_object().unwrap().clone();
        expected_body.as_object_mut().unwrap().extend(parts);
        let options = BodyOptions {
            effort: field,
            told,
            ..BodyOptions::default()
        };
        assert_eq!(OpenAiChat.body(&plain(), &options), expected_body, "{case}");
    }
}

#[test]
fn anthropic_takes_its_own_names() {
    let expected = json!({"model": "m", "max_tokens": 2000, "system": "Be terse", "messages": turns(), "stream": true,
        "stop_sequences": ["END"], "temperature": 0.5, "top_p": 0.25, "top_k": 40});
    assert_eq!(body(Anthropic, &full()), expected);
    let budget = told(Anthropic, Told::Budget(1999));
    assert_eq!(
        budget["thinking"],
        json!({"type": "enabled", "budget_tokens": 1999})
    );
    let adaptive = told(Anthropic, Told::Adaptive("medium".to_owned()));
    assert_eq!(adaptive["thinking"], json!({"type": "adaptive"}));
    assert_eq!(adaptive["output_config"], json!({"effort": "medium"}));
    let off = told(Anthropic, Told::Off);
    assert_eq!(off["thinking"], json!({"type": "disabled"}));
}

#[test]
fn gemini_puts_sampling_into_its_generation_config() {
    let contents = json!([{"role": "user", "parts": [{"text": "1+1?"}]}, {"role": "model", "parts": [{"text": "2"}]},
        {"role": "user", "parts": [{"text": "2+2?"}]}]);
    let expected = json!({"systemInstruction": {"parts": [{"text": "Be terse"}]}, "contents": contents,
        "generationConfig": {"maxOutputTokens": 2000, "temperature": 0.5, "topP": 0.25, "topK": 40, "seed": 7, "stopSequences": ["END"]}});
    assert_eq!(body(Gemini, &full()), expected);
    for (what, config) in [
        (
            Told::Off,
            json!({"includeThoughts": false, "thinkingBudget": 0}),
        ),
        (
            Told::Budget(1024),
            json!({"includeThoughts": true, "thinkingBudget": 1024}),
        ),
        (
            Told::Word("high".to_owned()),
            json!({"includeThoughts": true, "thinkingLevel": "high"}),
        ),
    ] {
        let found = told(Gemini, what);
        assert_eq!(found["generationConfig"]["thinkingConfig"], config);
    }
}

#[test]
fn ollama_puts_sampling_into_its_options() {
    let expected = json!({"model": "m", "messages": with_system(), "stream": true, "options": {"num_predict": 2000,
        "temperature": 0.5, "top_p": 0.25, "top_k": 40, "min_p": 0.125, "seed": 7, "stop": ["END"]}});
    assert_eq!(body(Ollama, &full()), expected);
    for (what, think) in [
        (Told::Off, json!(false)),
        (Told::On, json!(true)),
        (Told::Word("high".to_owned()), json!("high")),
    ] {
        assert_eq!(told(Ollama, what)["think"], think);
    }
}

#[test]
fn responses_have_instructions_and_an_input_and_are_not_stored() {
    let user = json!([{"role": "user", "content": "Hi"}]);
    let expected = json!({"model": "m", "input": user, "stream": true, "store": false});
    assert_eq!(body(OpenAiResponses, &plain()), expected);
    let expected = json!({"model": "m", "instructions": "Be terse", "input": turns(), "stream": true, "store": false,
        "max_output_tokens": 2000, "temperature": 0.5, "top_p": 0.25});
    assert_eq!(body(OpenAiResponses, &full()), expected);
    for (what, expected) in [
        (Told::Off, json!({"effort": "none"})),
        (Told::Word("low".to_owned()), json!({"effort": "low"})),
    ] {
        assert_eq!(told(OpenAiResponses, what)["reasoning"], expected);
    }
}

#[test]
fn cohere_takes_its_own_names() {
    let user = json!([{"role": "user", "content": "Hi"}]);
    let expected = json!({"model": "m", "messages": user, "stream": true});
    assert_eq!(body(Cohere, &plain()), expected);
    let expected = json!({"model": "m", "messages": with_system(), "stream": true, "max_tokens": 2000,
        "temperature": 0.5, "p": 0.25, "k": 40, "seed": 7, "stop_sequences": ["END"]});
    assert_eq!(body(Cohere, &full()), expected);
    for (what, expected) in [
        (Told::Off, json!({"type": "disabled"})),
        (
            Told::Budget(1024),
            json!({"type": "enabled", "token_budget": 1024}),
        ),
        (Told::On, json!({"type": "enabled"})),
    ] {
        assert_eq!(told(Cohere, what)["thinking"], expected);
    }
}

#[test]
fn bedrock_names_no_model_and_puts_thinking_into_the_fields_of_the_lab() {
    let hi = json!([{"role": "user", "content": [{"text": "Hi"}]}]);
    assert_eq!(body(Bedrock, &plain()), json!({"messages": hi}));
    let messages = json!([{"role": "user", "content": [{"text": "1+1?"}]},
        {"role": "assistant", "content": [{"text": "2"}]}, {"role": "user", "content": [{"text": "2+2?"}]}]);
    let expected = json!({"system": [{"text": "Be terse"}], "messages": messages,
        "inferenceConfig": {"maxTokens": 2000, "temperature": 0.5, "topP": 0.25, "stopSequences": ["END"]}});
    assert_eq!(body(Bedrock, &full()), expected);
    let word = |word: &str| Told::Word(word.to_owned());
    for (model, what, expected) in [
        (
            "us.anthropic.claude-haiku-4-5-20251001-v1:0",
            Told::Budget(1024),
            json!({"thinking": {"type": "enabled", "budget_tokens": 1024}}),
        ),
        (
            "anthropic.claude-opus-4-8",
            Told::Adaptive("high".to_owned()),
            json!({"thinking": {"type": "adaptive"}, "output_config": {"effort": "high"}}),
        ),
        (
            "us.amazon.nova-2-lite-v1:0",
            word("medium"),
            json!({"reasoningConfig": {"type": "enabled", "maxReasoningEffort": "medium"}}),
        ),
        (
            "amazon.nova-2-lite-v1:0",
            Told::Off,
            json!({"reasoningConfig": {"type": "disabled"}}),
        ),
        (
            "openai.gpt-oss-120b-1:0",
            word("low"),
            json!({"reasoning_effort": "low"}),
        ),
        ("meta.llama3-8b-instruct-v1:0", word("low"), Value::Null),
    ] {
        let request = ChatRequest {
            model: model.to_owned(),
            ..full()
        };
        let options = BodyOptions {
            told: what,
            ..BodyOptions::default()
        };
        let found = Bedrock.body(&request, &options);
        assert_eq!(found["additionalModelRequestFields"], expected, "{model}");
        assert_eq!(found["inferenceConfig"]["maxTokens"], 2000);
    }
}

#[test]
fn extra_goes_in_last_and_spares_its_neighbours() {
    let object = |value: Value| value.as_object().unwrap().clone();
    let request = ChatRequest {
        extra: object(
            json!({"options": {"num_ctx": 8192, "seed": 1}, "model": "other", "think": {"x": 1}}),
        ),
        ..full()
    };
    let options = BodyOptions {
        fixed: object(json!({"keep_alive": "5m", "model": "fixed"})),
        ..BodyOptions::default()
    };
    let found = Ollama.body(&request, &options);
    assert_eq!(found["options"]["num_ctx"], 8192);
    assert_eq!(found["options"]["seed"], 1);
    assert_eq!(found["options"]["num_predict"], 2000);
    assert_eq!(
        (&found["model"], &found["keep_alive"]),
        (&json!("other"), &json!("5m"))
    );
}

#[test]
fn paths_follow_the_base_url() {
    assert_eq!(OpenAiChat.path("m"), "/chat/completions");
    assert_eq!(Anthropic.path("m"), "/v1/messages");
    assert_eq!(Ollama.path("m"), "/api/chat");
    let gemini = "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse";
    assert_eq!(Gemini.path("gemini-2.5-flash"), gemini);
    assert_eq!(Gemini.path("models/gemini-2.5-flash"), gemini);
    assert_eq!(OpenAiResponses.path("m"), "/responses");
    assert_eq!(Cohere.path("m"), "/v2/chat");
    let nova = "/model/us.amazon.nova-2-lite-v1%3A0/converse-stream";
    assert_eq!(Bedrock.path("us.amazon.nova-2-lite-v1:0"), nova);
    let profile =
        "/model/arn%3Aaws%3Abedrock%3Aeu-west-1%3A1%3Ainference-profile%2Fx/converse-stream";
    let name = "arn:aws:bedrock:eu-west-1:1:inference-profile/x";
    assert_eq!(Bedrock.path(name), profile);
    let vertex = "/v1beta1/projects/p/locations/l/publishers/google/models/m@001:streamGenerateContent?alt=sse";
    for name in ["m@001", "google/m@001", "publishers/google/models/m@001"] {
        assert_eq!(vertex_path("p", "l", name), vertex);
    }
    let odd = "/v1beta/models/a%20b%3Fkey%3D%2F..%2F:streamGenerateContent?alt=sse";
    assert_eq!(Gemini.path("a b?key=/../"), odd);
}
