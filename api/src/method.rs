//! Methods as logs and metrics name them.

use http::Method;

/// The method's name, or `other`: callers may make up methods, and each would be a new time series.
pub fn name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_that_callers_make_up_share_one_name() {
        assert_eq!(name(&Method::DELETE), "DELETE");
        for made_up in ["BREW", "get", "TRACE"] {
            assert_eq!(
                name(&Method::from_bytes(made_up.as_bytes()).unwrap()),
                "other",
                "{made_up}"
            );
        }
    }
}
